"""The search for the point with the highest value of the acquisition function.

The function is evaluated at many points, quasi-random ones and ones around the best observations.
The best of them start a local search, all at once as arrays: gradient ascent on the FLOAT axes and
moves to the best neighbour on the others, in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser.ascent import ascend
from spearmint.optimiser.candidates import around, design, neighbours, untried
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.observations import Observations
from spearmint.optimiser.space import Array, Space
from spearmint.optimiser.tried import Tried


class Acquisition(Protocol):
    """An acquisition function of features, shape (m, F)."""

    def __call__(self, points: Array) -> Array:
        """Values, shape (m,)."""

    def with_gradient(self, points: Array) -> tuple[Array, Array]:
        """Values, shape (m,), and gradients, shape (m, F)."""


#: Number of observed points around which candidates are drawn.
CENTRES = 5
#: Largest number of turns between FLOAT and discrete axes.
TURNS = 6
#: Smallest gain in log acquisition per step of an ascent that is rounded afterwards.
COARSE = 1e-2


@dataclass(frozen=True, slots=True)
class Effort:
    """The extent of a search.

    Attributes:
        grid: Number of quasi-random points.
        starts: Number of local searches.
        rounds: Largest number of evaluations in one gradient ascent.
    """

    grid: int
    starts: int
    rounds: int = 60

    def share(self, part: float) -> Effort:
        """A part of it, 0 to 1, but enough to find something.

        Rounds are only reduced by the square root of the part: an ascent that ends too early is
        useless.
        """
        return Effort(
            max(int(part * self.grid), min(64, self.grid)),
            max(int(part * self.starts), min(2, self.starts)),
            max(int(part**0.5 * self.rounds), min(20, self.rounds)),
        )


def maximise(
    features: Features,
    acquisition: Acquisition,
    known: Observations,
    effort: Effort,
    rng: np.random.Generator,
) -> Array:
    """The codes, shape (A,), of the best point found that has no job yet; see `ranked`."""
    best: Array = ranked(features, acquisition, known, effort, rng, 1)[0]
    return best


def ranked(
    features: Features,
    acquisition: Acquisition,
    known: Observations,
    effort: Effort,
    rng: np.random.Generator,
    count: int,
) -> Array:
    """The best points found that have no job yet: ends of local searches first, then their starts.

    Args:
        features: Features of a space that is not exhausted.
        acquisition: The function to maximise.
        known: Points with a job, and the best of them, around which candidates are drawn.
        effort: The extent of the search.
        rng: Random numbers.
        count: Largest number of points.

    Returns:
        Their codes, shape (k, A), k from 1 to `count`; the first does not depend on `count`.
    """
    space, tried = features.space, Tried(features.space, known.tried)

    def value(codes: Array) -> Array:
        out = np.full(len(codes), -np.inf)
        fresh = ~tried.has(codes)
        if fresh.any():
            out[fresh] = acquisition(features.of(codes[fresh]))
        return out

    pools = _pools(space, known, effort.grid, rng)
    # Starts from each pool: all the highest values may lie in one place.
    share = -(-effort.starts // len(pools))
    scores = [value(pool) for pool in pools]
    points = np.vstack(
        [_distinct(space, pool, score, share) for pool, score in zip(pools, scores, strict=True)]
    )
    if not len(points):
        return untried(space, tried.points, rng)[None]
    points = _relaxed(features, acquisition, points, effort.rounds)
    points, values = _local(features, acquisition, value, points, effort.rounds)
    order = np.argsort(-values, kind="stable")
    found = points[order[np.isfinite(values[order]) & ~tried.has(points[order])]]
    if not len(found):
        return untried(space, tried.points, rng)[None]
    if count == 1:
        return found[:1]
    pool, score = np.vstack(pools), np.concatenate(scores)
    found = np.vstack([found, _distinct(space, pool, score, count)])
    return _distinct(space, found, -np.arange(float(len(found))), count)


def _pools(space: Space, known: Observations, grid: int, rng: np.random.Generator) -> list[Array]:
    """Points everywhere, and points around the best observed ones; shape (m, A) each."""
    pools = [design(space, grid, int(rng.integers(2**31)))]
    first, others = np.split(known.codes[known.order[:CENTRES]], [1])
    # Half of them around the best point, where the last, smallest improvements are found.
    nearby = [
        around(space, centres, max(grid // len(centres), 8), rng)
        for centres in (first, others)
        if len(centres)
    ]
    if nearby:
        pools.append(np.vstack(nearby))
    return pools


def _distinct(space: Space, pool: Array, values: Array, count: int) -> Array:
    """At most `count` different points with the highest values."""
    order = np.argsort(-values, kind="stable")
    chosen: list[int] = []
    for i in order[: 8 * count]:
        if not np.isfinite(values[i]) or len(chosen) == count:
            break
        if not space.same(pool[i][None], pool[chosen])[0]:
            chosen.append(int(i))
    return pool[chosen]


def _relaxed(features: Features, acquisition: Acquisition, points: Array, rounds: int) -> Array:
    """The points, and the rounded ends of ascents that treat INT axes as FLOAT.

    Such an ascent moves several axes at once: a step on one of them may be an improvement only
    together with a step on another.
    """
    space = features.space
    axes = space.numbers
    if len(axes) == len(space.floats):
        return points
    climbed, _ = _climb(features, acquisition, points, axes, rounds, COARSE)
    return np.vstack([points, space.round(climbed)])


def _local(
    features: Features,
    acquisition: Acquisition,
    value: Callable[[Array], Array],
    points: Array,
    rounds: int,
) -> tuple[Array, Array]:
    """Improves points, shape (m, A), by turns on FLOAT and discrete axes.

    All points take part in the first turn, the better half of them in the second, and then only
    those that a step on the discrete axes has moved: the others would gain hundredths of log
    acquisition.

    Returns:
        The better half of the points after their moves, and their values.
    """
    space = features.space
    floats, discrete = len(space.floats) > 0, len(space.discrete) > 0
    values = value(points)
    if not floats:
        points, values = _better_half(points, values)
    active = np.arange(len(points))
    for turn in range(TURNS if floats and discrete else 1):
        now, climbed = points[active], values[active]
        if floats:
            now, climbed = _climb(features, acquisition, now, space.floats, rounds)
        stepped = climbed
        if discrete:
            now, stepped = _step(space, value, now, climbed)
        points[active], values[active] = now, stepped
        if not turn:
            points, values = _better_half(points, values)
            active = np.arange(len(points))
        else:
            active = active[stepped > climbed]
        if not len(active):
            break
    return points, values


def _better_half(points: Array, values: Array) -> tuple[Array, Array]:
    best = np.argsort(-values, kind="stable")[: (len(points) + 1) // 2]
    return points[best], values[best]


def _climb(
    features: Features,
    acquisition: Acquisition,
    points: Array,
    axes: NDArray[np.intp],
    rounds: int,
    tolerance: float = 1e-5,
) -> tuple[Array, Array]:
    """Gradient ascent on some FLOAT or INT axes, from all points at once.

    Whether an axis matters does not change on the way; one that does not matter stays.
    """
    base = features.of(points)
    columns = features.first[axes]
    fixed = ~features.space.conditions.active(points)[:, axes]

    def function(x: Array, which: NDArray[np.intp]) -> tuple[Array, Array]:
        rows = base[which]
        rows[:, columns] = np.where(fixed[which], rows[:, columns], x)
        values, gradient = acquisition.with_gradient(rows)
        return values, np.where(fixed[which], 0.0, gradient[:, columns])

    x, values = ascend(function, points[:, axes], rounds, tolerance=tolerance)
    moved = points.copy()
    moved[:, axes] = x
    return moved, values


def _step(
    space: Space, value: Callable[[Array], Array], points: Array, values: Array
) -> tuple[Array, Array]:
    """Moves each point to its best neighbour on the discrete axes while that is better."""
    points, values = points.copy(), values.copy()
    active = np.arange(len(points))
    for _ in range(20):
        near = [neighbours(space, points[i]) for i in active]
        sizes = [len(block) for block in near]
        near_values = value(np.vstack(near))
        moved = []
        for i, block, scores in zip(
            active, near, np.split(near_values, np.cumsum(sizes)[:-1]), strict=True
        ):
            top = int(np.argmax(scores)) if len(scores) else -1
            if top >= 0 and scores[top] > values[i] + 1e-9:
                points[i], values[i] = block[top], scores[top]
                moved.append(i)
        active = np.array(moved, dtype=np.intp)
        if not len(active):
            break
    return points, values
