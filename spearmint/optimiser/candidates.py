"""Candidate points: quasi-random designs, random points, and neighbourhoods of points."""

from __future__ import annotations

import numpy as np
from scipy.stats import qmc

from spearmint.errors import SpaceExhaustedError
from spearmint.optimiser.space import Array, Axis, Space
from spearmint.optimiser.tried import Tried

#: Number of points that are drawn to find one that has no job. With conditions, most draws may be
#: the same few points, so that more of them follow, in batches.
DRAWS, BATCH, BATCHES = 64, 4096, 16
#: The points of a space are listed only if no axis has more values than this.
MOST_LEVELS = 1_000_000


def check_not_exhausted(space: Space, tried: Array) -> None:
    """Raises SpaceExhaustedError if `tried`, shape (n, A), has every point of a finite space."""
    if len(tried) < space.cardinality:
        return
    distinct = {tuple(row) for row in space.round(tried).tolist()}
    if len(distinct) >= space.cardinality:
        raise _exhausted(space.cardinality)


def untried(space: Space, tried: Array, rng: np.random.Generator) -> Array:
    """A uniformly random point, shape (A,), that is not among `tried`, shape (n, A).

    Raises:
        SpaceExhaustedError: There is none, or it is too rare to be found in a space with conditions
            and very many points.
    """
    check_not_exhausted(space, tried)
    has_job = Tried(space, tried).has
    for count in (DRAWS, *([BATCH] * BATCHES if space.conditions else [])):
        draws = space.snap(rng.random((count, space.dimension)))
        fresh = draws[~has_job(draws)]
        if len(fresh):
            first: Array = fresh[0]
            return first
    known = {tuple(row) for row in space.round(tried).tolist()}
    if max(axis.levels for axis in space.axes) > MOST_LEVELS:
        raise _exhausted(len(known))
    # Nearly all points have been tried, so the space is small enough to list the others.
    left = [point for point in space.every_point() if point not in known]
    if not left:  # the cardinality was an upper limit
        raise _exhausted(len(known))
    return np.array(left[rng.integers(len(left))])


def _exhausted(count: float) -> SpaceExhaustedError:
    return SpaceExhaustedError(f"all {count:g} points of the search space have been tried")


def design(space: Space, count: int, seed: int) -> Array:
    """The first `count` points of a scrambled Sobol sequence (Owen 1998), shape (count, A)."""
    sobol = qmc.Sobol(space.dimension, scramble=True, rng=np.random.default_rng(seed))
    return space.snap(sobol.random_base2(max(count - 1, 0).bit_length())[:count])


def around(space: Space, centres: Array, count: int, rng: np.random.Generator) -> Array:
    """Random points near some centres, shape (c, A) -> (c * count, A).

    Each differs from its centre in a random share of the axes, at least one: a FLOAT or INT by a
    normal step with a random width between 0.1 % and 30 % of the range (an INT by at least one
    level), an ENUM by any option. An axis that matters only after that has any value.
    """
    base = np.repeat(centres, count, axis=0)
    n, a = base.shape
    share = rng.random((n, 1)) ** 2
    change = rng.random((n, a)) < np.maximum(share, 1.0 / a)
    if space.conditions:
        active = space.conditions.active(base)
        change[np.arange(n), np.argmax(rng.random((n, a)) * active, axis=1)] = True
    else:
        change[np.arange(n), rng.integers(a, size=n)] = True
    width = 10.0 ** rng.uniform(-3.0, -0.5, (n, 1))
    step = width * rng.standard_normal((n, a))
    moved = base + np.where(change, step, 0.0)
    for i in space.discrete:
        axis, changed = space.axes[i], change[:, i]
        if axis.kind == "ENUM":
            moved[:, i] = np.where(changed, rng.integers(axis.levels, size=n), base[:, i])
        else:
            one = np.where(step[:, i] < 0, -1.0, 1.0)
            one = _to_next(axis, base[:, i], one) if axis.log else one / (axis.levels - 1)
            short = changed & (np.abs(step[:, i]) < np.abs(one))
            moved[short, i] = base[short, i] + one[short]
    outside = (moved < 0.0) | (moved > 1.0)
    floats = np.isin(np.arange(a), space.floats)
    # Of the points outside the box, half are reflected; `round` puts the others on its boundary.
    reflect = outside & floats & (rng.random((n, 1)) < 0.5)
    moved[reflect] = np.abs(np.mod(moved[reflect] + 1.0, 2.0) - 1.0)
    rounded = space.round(moved)
    if not space.conditions:
        return rounded
    new = space.conditions.active(rounded) & ~active
    for i in space.conditions.when:
        rounded[new[:, i], i] = space.axes[i].spread(rng.random(int(new[:, i].sum())))
    return space.conditions.canonical(rounded)


def _to_next(axis: Axis, code: Array, direction: Array) -> Array:
    """The difference to the next level in a direction (-1 or 1), shape (n,)."""
    return axis.code(np.clip(axis.level(code) + direction, -0.5, axis.levels)) - code


def neighbours(space: Space, point: Array) -> Array:
    """Points that differ from `point`, shape (A,), in one INT or ENUM axis; shape (k, A).

    An ENUM takes every other option; an INT every other level if it has nine or fewer, else the
    levels 1, 2, 4, ... steps away in both directions. Axes that do not matter there stay.
    """
    blocks = []
    active = space.conditions.active(point[None])[0]
    for i in space.discrete[active[space.discrete]]:
        axis = space.axes[i]
        top = int(axis.levels) - 1
        here = int(axis.level(point[i : i + 1])[0])
        if axis.kind == "ENUM" or top <= 8:
            levels = [level for level in range(top + 1) if level != here]
        else:
            jumps = [2**j for j in range(top.bit_length())]
            levels = [here + j for j in jumps] + [here - j for j in jumps]
            levels = [level for level in levels if 0 <= level <= top]
        moved = np.repeat(point[None], len(levels), axis=0)
        moved[:, i] = axis.code(np.array(levels))
        blocks.append(moved)
    if not blocks:
        return np.empty((0, space.dimension))
    return space.conditions.canonical(np.vstack(blocks))
