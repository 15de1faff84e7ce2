"""Checks of the arrays that models are made of, and the folds of their cross-validation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hwsearch.predicting.linear import Array

Indices = NDArray[np.intp]


def checked(features: Array, costs: Array, least: int) -> tuple[Array, Array]:
    """Features, shape (n, F), and costs, shape (n,), as arrays of floating-point numbers.

    Args:
        features: Of n networks.
        costs: Of the same networks.
        least: How many networks there must be.

    Raises:
        ValueError: They do not fit together, are too few, or out of range; the text names the
            network and the feature, counted from 0.
    """
    features, costs = np.asarray(features, float), np.asarray(costs, float)
    if features.ndim != 2 or costs.shape != (len(features),):
        raise ValueError(
            f"features and costs: got shapes {features.shape} and {costs.shape}; "
            "expected (n, F) and (n,)"
        )
    if not features.shape[1]:
        raise ValueError("features: got none; expected one or more")
    if len(costs) < least:
        raise ValueError(f"costs: got {len(costs)}; expected three networks or more")
    wrong = np.flatnonzero(~(np.isfinite(costs) & (costs > 0)))
    if len(wrong):
        raise ValueError(
            f"costs: got {costs[wrong[0]]:g} for network {wrong[0]}{_others(len(wrong))}; "
            "expected finite numbers above 0"
        )
    return checked_features(features), costs


def checked_features(features: Array, columns: int | None = None) -> Array:
    """Features as an array of floating-point numbers, shape (m, F).

    Args:
        features: Of m networks.
        columns: F of the networks of the fit; None = any.

    Raises:
        ValueError: The shape is another one, or a number is out of range.
    """
    features = np.asarray(features, float)
    if features.ndim != 2 or columns not in (None, features.shape[1]):
        raise ValueError(f"features: got shape {features.shape}; expected (m, {columns or 'F'})")
    wrong = np.argwhere(~(np.isfinite(features) & (features >= 0)))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(
            f"features: got {features[row, column]:g} for network {row}, feature {column}"
            f"{_others(len(wrong))}; expected finite numbers, 0 or more (0 = no such work)"
        )
    return features


def lack_fixed_cost(features: Array) -> bool:
    """Whether no column, shape (n, F), is the same number above 0 for all networks.

    Without such a column, prices alone cannot express a cost that every network has.
    """
    return not np.any((np.ptp(features, axis=0) == 0) & (features[0] > 0))


def with_fixed_cost(features: Array) -> Array:
    """The features, shape (m, F), and a column of ones: shape (m, F + 1)."""
    return np.column_stack([features, np.ones(len(features))])


def _others(count: int) -> str:
    return f" and {count - 1} more" if count > 1 else ""


def known_errors(stated: Array | None, count: int | None = None) -> tuple[Array | None, float]:
    """Relative standard errors of all profiles, the median where they are unknown; the median.

    Args:
        stated: Shape (n,); NaN or infinite where they are unknown; None = all are.
        count: n; None = any.

    Raises:
        ValueError: There are more or fewer than n, or one is negative.
    """
    if stated is None:
        return None, 0.0
    stated = np.asarray(stated, float)
    if stated.ndim != 1 or count not in (None, len(stated)) or np.any(stated < 0):
        raise ValueError(
            f"stated: got shape {stated.shape}, smallest {np.min(stated, initial=np.inf):g}; "
            f"expected ({'n' if count is None else count},) and numbers from 0, or NaN"
        )
    known = np.isfinite(stated)
    if not known.any():
        return None, 0.0
    median = float(np.median(stated[known]))
    return np.where(known, stated, median), median


def folds_of(features: Array, folds: int) -> Iterator[tuple[Indices, Indices]]:
    """The networks of each fold of a cross-validation, and all others.

    Networks with equal features stay together: a model that has seen one has seen the other. If
    there are fewer than three different ones, they are held out one by one.

    Args:
        features: Shape (n, F).
        folds: How many; at most as many as there are different networks.
    """
    _, first, group = np.unique(features, axis=0, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    if len(first) < 3:
        first = group = np.arange(len(features))
    # Numbered in the order in which they come.
    number = np.empty(len(first), int)
    number[np.argsort(first)] = np.arange(len(first))
    order = np.random.default_rng(0).permutation(len(first))
    for part in np.array_split(order, min(folds, len(first))):
        is_held_out = np.isin(number[group], part)
        yield np.flatnonzero(is_held_out), np.flatnonzero(~is_held_out)
