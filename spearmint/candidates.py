"""Points to look at: designs, and the search for the best of an acquisition."""

import numpy as np

from spearmint.errors import SpaceExhausted
from spearmint.space import Array, Space


def check_not_exhausted(space: Space, tried: Array) -> None:
    """Raises SpaceExhausted when every point of a finite space is among ``tried``, shape (n, A)."""
    if len(tried) < space.cardinality:
        return
    distinct = {tuple(row) for row in space.round(tried).tolist()}
    if len(distinct) >= space.cardinality:
        raise SpaceExhausted(
            f"all {space.cardinality:g} points of the search space have been tried"
        )


def untried(space: Space, tried: Array, rng: np.random.Generator) -> Array:
    """A uniformly random point, shape (A,), that is not among ``tried``, shape (n, A).

    Raises:
        SpaceExhausted: There is none.
    """
    check_not_exhausted(space, tried)
    draws = space.snap(rng.random((64, space.dimension)))
    fresh = draws[~space.same(draws, tried)]
    if len(fresh):
        return fresh[0]
    # Nearly used up, so small enough to be listed.
    known = {tuple(row) for row in space.round(tried).tolist()}
    left = [point for point in space.every_point() if point not in known]
    return np.array(left[rng.integers(len(left))])
