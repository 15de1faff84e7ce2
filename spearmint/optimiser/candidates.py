"""Candidate points: quasi-random designs, random points, and neighbourhoods of points."""

from __future__ import annotations

import numpy as np
from scipy.stats import qmc

from spearmint.errors import SpaceExhaustedError
from spearmint.optimiser.space import Array, Space
from spearmint.optimiser.tried import Tried


def check_not_exhausted(space: Space, tried: Array) -> None:
    """Raises SpaceExhaustedError if `tried`, shape (n, A), has every point of a finite space."""
    if len(tried) < space.cardinality:
        return
    distinct = {tuple(row) for row in space.round(tried).tolist()}
    if len(distinct) >= space.cardinality:
        raise SpaceExhaustedError(
            f"all {space.cardinality:g} points of the search space have been tried"
        )


def untried(space: Space, tried: Array, rng: np.random.Generator) -> Array:
    """A uniformly random point, shape (A,), that is not among `tried`, shape (n, A).

    Raises:
        SpaceExhaustedError: There is none.
    """
    check_not_exhausted(space, tried)
    draws = space.snap(rng.random((64, space.dimension)))
    fresh = draws[~Tried(space, tried).has(draws)]
    if len(fresh):
        first: Array = fresh[0]
        return first
    # Nearly all points have been tried, so the space is small enough to list the others.
    known = {tuple(row) for row in space.round(tried).tolist()}
    left = [point for point in space.every_point() if point not in known]
    return np.array(left[rng.integers(len(left))])


def design(space: Space, count: int, seed: int) -> Array:
    """The first `count` points of a scrambled Sobol sequence (Owen 1998), shape (count, A)."""
    sobol = qmc.Sobol(space.dimension, scramble=True, rng=np.random.default_rng(seed))
    return space.snap(sobol.random_base2(max(count - 1, 0).bit_length())[:count])


def around(space: Space, centres: Array, count: int, rng: np.random.Generator) -> Array:
    """Random points near some centres, shape (c, A) -> (c * count, A).

    Each differs from its centre in a random share of the axes, at least one: a FLOAT or INT by a
    normal step with a random width between 0.1 % and 30 % of the range (an INT by at least one
    level), an ENUM by any option.
    """
    base = np.repeat(centres, count, axis=0)
    n, a = base.shape
    share = rng.random((n, 1)) ** 2
    change = rng.random((n, a)) < np.maximum(share, 1.0 / a)
    change[np.arange(n), rng.integers(a, size=n)] = True
    width = 10.0 ** rng.uniform(-3.0, -0.5, (n, 1))
    step = width * rng.standard_normal((n, a))
    moved = base + np.where(change, step, 0.0)
    for i in space.discrete:
        axis, changed = space.axes[i], change[:, i]
        if axis.kind == "ENUM":
            moved[:, i] = np.where(changed, rng.integers(axis.levels, size=n), base[:, i])
        else:
            one = np.where(step[:, i] < 0, -1.0, 1.0) / (axis.levels - 1)
            short = changed & (np.abs(step[:, i]) < np.abs(one))
            moved[short, i] = base[short, i] + one[short]
    outside = (moved < 0.0) | (moved > 1.0)
    floats = np.isin(np.arange(a), space.floats)
    # Of the points outside the box, half are reflected; `round` puts the others on its boundary.
    reflect = outside & floats & (rng.random((n, 1)) < 0.5)
    moved[reflect] = np.abs(np.mod(moved[reflect] + 1.0, 2.0) - 1.0)
    return space.round(moved)


def neighbours(space: Space, point: Array) -> Array:
    """Points that differ from `point`, shape (A,), in one INT or ENUM axis; shape (k, A).

    An ENUM takes every other option; an INT every other level if it has nine or fewer, else the
    levels 1, 2, 4, ... steps away in both directions.
    """
    blocks = []
    for i in space.discrete:
        axis = space.axes[i]
        top = int(axis.levels) - 1
        here = round(point[i] * (1 if axis.kind == "ENUM" else top))
        if axis.kind == "ENUM" or top <= 8:
            levels = [level for level in range(top + 1) if level != here]
        else:
            jumps = [2**j for j in range(top.bit_length())]
            levels = [here + j for j in jumps] + [here - j for j in jumps]
            levels = [level for level in levels if 0 <= level <= top]
        moved = np.repeat(point[None], len(levels), axis=0)
        moved[:, i] = np.array(levels) / (1 if axis.kind == "ENUM" else top)
        blocks.append(moved)
    return np.vstack(blocks) if blocks else np.empty((0, space.dimension))
