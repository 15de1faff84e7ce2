"""The prediction of each observation from all others, with the hyper-parameters of the fit to all.

Rasmussen & Williams 2006, eq. 5.12. That the observation took part in choosing the hyper-parameters
and the output warp is not corrected.
"""

from __future__ import annotations

import numpy as np

from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.linalg import cholesky, inverse_lower
from spearmint.optimiser.models.surrogate import covariance
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.space import Array

#: The noise variance is at least this share of the amplitude.
LEAST_NOISE = 1e-8


def predictions(features: Features, model: TaskModel) -> tuple[Array, Array]:
    """Means and standard deviations, noise included, of each z from all others; shape (n,) each."""
    k = covariance(model.kernel, features.group, model.theta, model.rows, model.rows)
    noise = max(model.noise, LEAST_NOISE * float(np.exp(model.theta[-1])))
    root = inverse_lower(cholesky(k + noise * np.eye(len(k))))
    precision = np.sum(root**2, axis=0)
    return model.z - (root.T @ (root @ model.z)) / precision, 1.0 / np.sqrt(precision)


def explained(z: Array, predicted: Array, least: float = 0.0) -> float | None:
    """1 - (squared errors) / (those of the mean of the others).

    Args:
        z: The observations, shape (n,).
        predicted: Each from all others, shape (n,).
        least: If the squared errors of the mean sum up to no more than this, all are the same.

    Returns:
        None if all are the same.
    """
    others = (np.sum(z) - z) / max(len(z) - 1, 1)
    total = float(np.sum((z - others) ** 2))
    return 1.0 - float(np.sum((z - predicted) ** 2)) / total if total > least else None
