"""Estimates from groups of samples, with their standard errors."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
T = TypeVar("T")


def from_groups(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Weighted mean of the values of groups, and its standard error (ratio estimator).

    Groups are far enough apart to be independent; samples within a group are not.

    Args:
        values: One per group, shape (g,).
        weights: Such as the lengths of the groups, shape (g,).

    Returns:
        Mean and standard error; the error is NaN for a single group.
    """
    value, weight = np.asarray(values, float), np.asarray(weights, float)
    mean = float(np.average(value, weights=weight))
    count = len(value)
    if count < 2:
        return mean, math.nan
    share = weight / weight.sum()
    variance = float(np.sum((share * (value - mean)) ** 2)) * count / (count - 1)
    return mean, math.sqrt(variance)


def jackknife(
    estimate: Callable[[Sequence[T]], float], samples: Sequence[T], groups: int
) -> tuple[float, float]:
    """An estimate and its jackknife standard error: one block of samples is left out at a time.

    Blocks consist of neighbours, because neighbours in time are correlated (Kuensch 1989).

    Args:
        estimate: Computes the estimate from samples.
        samples: In order of time, length n.
        groups: Number of blocks.

    Returns:
        The estimate and its standard error; the error is NaN for fewer than two blocks.
    """
    count = len(samples)
    groups = min(groups, count)
    whole = estimate(samples)
    if groups < 2:
        return whole, math.nan
    ends = [g * count // groups for g in range(groups + 1)]
    left_out = np.array(
        [estimate([*samples[:start], *samples[end:]]) for start, end in itertools.pairwise(ends)]
    )
    variance = (groups - 1) / groups * float(np.sum((left_out - left_out.mean()) ** 2))
    return whole, math.sqrt(variance)
