"""The volume that a Pareto front dominates, by another way than the expected improvement."""

from __future__ import annotations

import numpy as np

from spearmint.optimiser.space import Array


def hypervolume(values: Array, reference: Array) -> float:
    """The volume that points dominate below a reference point.

    Args:
        values: Objectives, shape (n, K); points that are not below the reference point do not
            count.
        reference: Shape (K,).
    """
    values = values[np.all(values < reference, axis=1)]
    if not len(values):
        return 0.0
    if values.shape[1] == 1:
        return float(reference[0] - values.min())
    order = np.argsort(values[:, -1], kind="stable")
    values = values[order]
    edges = np.append(values[:, -1], reference[-1])
    total = 0.0
    for i, height in enumerate(np.diff(edges)):
        if height > 0:
            total += float(height) * hypervolume(values[: i + 1, :-1], reference[:-1])
    return total
