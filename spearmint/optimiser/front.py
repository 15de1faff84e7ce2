"""Pareto fronts of two or three objectives, all of them minimised."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser.space import Array

#: Points are compared with the others in blocks of this size, to bound the memory.
_BLOCK = 512


def non_dominated(values: Array) -> NDArray[np.bool_]:
    """Which points no other point dominates.

    A point dominates another if it is nowhere worse and somewhere better. Equal points do not
    dominate each other.

    Args:
        values: Objectives, shape (n, K); inf is the worst value, NaN is not allowed.

    Returns:
        Shape (n,).
    """
    free = np.ones(len(values), dtype=np.bool_)
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK, None, :]
        nowhere_worse = np.all(values <= block, axis=2)
        somewhere_better = np.any(values < block, axis=2)
        free[start : start + _BLOCK] = ~np.any(nowhere_worse & somewhere_better, axis=1)
    return free


def front_numbers(values: Array) -> NDArray[np.intp]:
    """The number of the front of each point: 0 for the Pareto front, 1 for that of the rest, ...

    Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", sec. III-A.

    Args:
        values: Objectives, shape (n, K); inf is the worst value.

    Returns:
        Shape (n,).
    """
    number = np.zeros(len(values), dtype=np.intp)
    rest = np.arange(len(values))
    count = 0
    while len(rest):
        free = non_dominated(values[rest])
        number[rest[free]] = count
        rest = rest[~free]
        count += 1
    return number


def crowding(values: Array) -> Array:
    """The crowding distance of points of one front: how far apart the neighbours of each are.

    Deb et al. 2002, sec. III-B: summed over the objectives, each relative to its range; infinite
    for the ends of the front.

    Args:
        values: Finite objectives, shape (n, K).

    Returns:
        Shape (n,).
    """
    distance = np.zeros(len(values))
    for column in values.T:
        order = np.argsort(column, kind="stable")
        ordered = column[order]
        extent = ordered[-1] - ordered[0] if len(ordered) else 0.0
        gaps = np.full(len(values), np.inf)
        if extent > 0:
            gaps[1:-1] = (ordered[2:] - ordered[:-2]) / extent
        distance[order] += gaps
    return distance


def undominated_boxes(front: Array, reference: Array) -> tuple[Array, Array]:
    """Disjoint boxes that together are the region that the front does not dominate.

    The region is below the reference point and, in each box, from `low` (which may be -inf) to
    `high`. A new point y gains Σ_boxes Π_k max(0, high_k - max(low_k, y_k)) of hypervolume.

    For three objectives, the region is cut at each value of the last one, and the slice between two
    of them is that of the front of the points below it (Yang et al. 2019, "Efficient computation of
    expected hypervolume improvement using box decomposition algorithms").

    Args:
        front: Objectives, shape (m, K), K >= 1; points that are not below the reference point, or
            that are dominated, change nothing.
        reference: Shape (K,).

    Returns:
        `low` and `high`, shape (B, K) each.
    """
    front = front[np.all(front < reference, axis=1)]
    if front.shape[1] == 1:
        high = np.min(front, axis=0, initial=float(reference[0]), keepdims=True)
        return np.full((1, 1), -np.inf), high
    lows, highs = [], []
    levels = np.unique(front[:, -1])
    edges = np.concatenate([[-np.inf], levels, reference[-1:]])
    for bottom, top in pairwise(edges):
        below = front[front[:, -1] <= bottom][:, :-1]
        low, high = undominated_boxes(below[non_dominated(below)], reference[:-1])
        lows.append(np.column_stack([low, np.full(len(low), bottom)]))
        highs.append(np.column_stack([high, np.full(len(high), top)]))
    return np.vstack(lows), np.vstack(highs)
