"""The search for the point of highest acquisition.

Many points are looked at, quasi-random ones and ones around the best known; the best of them
start a local search, as arrays: gradients on FLOAT axes and best neighbours on the others, in turn.
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


class Acquisition(Protocol):
    """What is maximised, at features (m, F)."""

    def __call__(self, points: Array) -> Array:
        """Values, shape (m,)."""

    def with_gradient(self, points: Array) -> tuple[Array, Array]:
        """Values, shape (m,), and gradients, shape (m, F)."""


#: Observed points that candidates are drawn around.
CENTRES = 5
#: Turns of FLOAT and discrete axes, at most.
TURNS = 6
#: A climb that is rounded afterwards ends with a step that gains less in log acquisition.
COARSE = 1e-2


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is looked at.

    Attributes:
        grid: Quasi-random points.
        starts: Local searches.
        rounds: Evaluations of one gradient ascent, at most.
    """

    grid: int
    starts: int
    rounds: int = 60

    def share(self, part: float) -> Effort:
        """A part of it, 0 to 1, and never too little to find anything.

        Of the rounds the square root of that part stays: an ascent that is cut short is lost.
        """
        return Effort(
            max(int(part * self.grid), min(64, self.grid)),
            max(int(part * self.starts), min(2, self.starts)),
            max(int(part**0.5 * self.rounds), min(20, self.rounds)),
        )


def maximise(
    space: Space,
    features: Features,
    acquisition: Acquisition,
    known: Observations,
    effort: Effort,
    rng: np.random.Generator,
) -> Array:
    """The codes, shape (A,), of the best point found that has no job yet.

    Args:
        space: The space; not used up.
        features: Codes -> what the acquisition takes.
        acquisition: Made large.
        known: What has been tried, and where to look around.
        effort: How much to look at.
        rng: Random numbers.
    """
    tried = known.tried

    def value(codes: Array) -> Array:
        out = np.full(len(codes), -np.inf)
        fresh = ~space.same(codes, tried)
        if fresh.any():
            out[fresh] = acquisition(features.of(codes[fresh]))
        return out

    pools = [design(space, effort.grid, int(rng.integers(2**31)))]
    first, others = np.split(known.codes[known.order[:CENTRES]], [1])
    # Half of them around the one best point, where the last and smallest improvements lie.
    nearby = [
        around(space, centres, max(effort.grid // len(centres), 8), rng)
        for centres in (first, others)
        if len(centres)
    ]
    if nearby:
        pools.append(np.vstack(nearby))
    # Some starts from everywhere: all of the highest values may be about one place.
    share = -(-effort.starts // len(pools))
    points = np.vstack([_distinct(space, pool, value(pool), share) for pool in pools])
    if not len(points):
        return untried(space, tried, rng)
    points = _relaxed(space, features, acquisition, points, effort.rounds)
    points, values = _local(space, features, acquisition, value, points, effort.rounds)
    for best in np.argsort(-values, kind="stable"):
        if np.isfinite(values[best]) and not space.same(points[best][None], tried)[0]:
            found: Array = points[best]
            return found
    return untried(space, tried, rng)


def _distinct(space: Space, pool: Array, values: Array, count: int) -> Array:
    """The points of highest value that differ from each other, at most `count`."""
    order = np.argsort(-values, kind="stable")
    chosen: list[int] = []
    for i in order[: 8 * count]:
        if not np.isfinite(values[i]) or len(chosen) == count:
            break
        if not space.same(pool[i][None], pool[chosen])[0]:
            chosen.append(int(i))
    return pool[chosen]


def _relaxed(
    space: Space, features: Features, acquisition: Acquisition, points: Array, rounds: int
) -> Array:
    """The points, and those reached when INT axes climb as if they were FLOAT, rounded.

    So numbers move together that have to: one level more of the one may be of use only with
    another value of the other.
    """
    axes = space.numbers
    if len(axes) == len(space.floats):
        return points
    climbed, _ = _climb(features, acquisition, points, axes, rounds, COARSE)
    return np.vstack([points, space.round(climbed)])


def _local(
    space: Space,
    features: Features,
    acquisition: Acquisition,
    value: Callable[[Array], Array],
    points: Array,
    rounds: int,
) -> tuple[Array, Array]:
    """Better points than those given, shape (m, A), by turns on FLOAT and discrete axes.

    All climb twice, the second time the better half of them; from then on those that a step on
    the discrete axes has moved. The others would climb on for hundredths of log acquisition.
    """
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
    """Gradient ascent on some number axes, all points at once."""
    base = features.of(points)
    columns = features.first[axes]

    def function(x: Array, which: NDArray[np.intp]) -> tuple[Array, Array]:
        rows = base[which]
        rows[:, columns] = x
        found, gradient = acquisition.with_gradient(rows)
        return found, gradient[:, columns]

    x, values = ascend(function, points[:, axes], rounds, tolerance=tolerance)
    moved = points.copy()
    moved[:, axes] = x
    return moved, values


def _step(
    space: Space, value: Callable[[Array], Array], points: Array, values: Array
) -> tuple[Array, Array]:
    """The best neighbour of each point on the discrete axes, again and again."""
    points, values = points.copy(), values.copy()
    active = np.arange(len(points))
    for _ in range(20):
        near = [neighbours(space, points[i]) for i in active]
        sizes = [len(block) for block in near]
        found = value(np.vstack(near))
        moved = []
        for i, block, scores in zip(
            active, near, np.split(found, np.cumsum(sizes)[:-1]), strict=True
        ):
            top = int(np.argmax(scores)) if len(scores) else -1
            if top >= 0 and scores[top] > values[i] + 1e-9:
                points[i], values[i] = block[top], scores[top]
                moved.append(i)
        active = np.array(moved, dtype=np.intp)
        if not len(active):
            break
    return points, values
