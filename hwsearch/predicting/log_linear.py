"""A linear model of logarithms: cost = constant x product of powers of the features.

Some costs are no sum of amounts of work. Power saturates when the device is busy, and the work of a
layer is a product of its sizes, if features are sizes instead of counts. This model is ridge
regression (Hoerl and Kennard 1970) of log costs on log features; generalised cross-validation
(Golub, Heath and Wahba 1979) chooses its penalty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsearch.predicting.linear import Array

#: Penalties that are tried, per network.
PENALTIES = np.logspace(-4, 1, 11)
#: Predictions are at most this many times above or below all measured costs.
MOST_BEYOND = 1e3


@dataclass(frozen=True, slots=True)
class LogLinearModel:
    """log(cost) = intercept + standardised log features @ weights.

    Attributes:
        intercept: Mean of the logarithms of the measured costs.
        weights: Per standard deviation of each used log feature, shape (d,).
        columns: Features that differ between the networks of the fit, shape (F,); d are True.
        floor: Lower bound of each feature before its logarithm is taken, shape (F,).
        mean: Of the logarithms of the used features, shape (d,).
        spread: Their standard deviations, shape (d,).
        bounds: Least and greatest logarithm of a predicted cost.
    """

    intercept: float
    weights: Array
    columns: NDArray[np.bool_]
    floor: Array
    mean: Array
    spread: Array
    bounds: tuple[float, float]

    @classmethod
    def fit(cls, features: Array, costs: Array, errors: Array | None = None) -> LogLinearModel:
        """Minimises the sum of squared errors of log costs, plus the penalty.

        Args:
            features: Shape (n, F), not negative.
            costs: Shape (n,), positive.
            errors: Not used.
        """
        del errors
        # Work that a network does not do at all counts as a millionth of the most.
        floor = np.maximum(1e-6 * features.max(axis=0), 1e-300)
        logs = np.log(np.maximum(features, floor))
        columns = logs.std(axis=0) > 1e-9
        mean, spread = logs[:, columns].mean(axis=0), logs[:, columns].std(axis=0)
        targets = np.log(costs)
        beyond = np.log(MOST_BEYOND)
        return cls(
            float(targets.mean()),
            _ridge((logs[:, columns] - mean) / spread, targets - targets.mean()),
            columns,
            floor,
            mean,
            spread,
            (float(targets.min() - beyond), float(targets.max() + beyond)),
        )

    def predict(self, features: Array) -> Array:
        """Costs of networks with features of shape (m, F), shape (m,)."""
        logs = np.log(np.maximum(features, self.floor))[:, self.columns]
        exponents = self.intercept + ((logs - self.mean) / self.spread) @ self.weights
        costs: Array = np.exp(np.clip(exponents, *self.bounds))
        return costs


def _ridge(points: Array, targets: Array) -> Array:
    """The weights, shape (d,), for centred points, shape (n, d), and targets, shape (n,)."""
    count = len(targets)
    left, sizes, right = np.linalg.svd(points, full_matrices=False)
    parts = left.T @ targets
    best, weights = np.inf, np.zeros(points.shape[1])
    for penalty in count * PENALTIES:
        kept = sizes**2 / (sizes**2 + penalty)
        freedom = count - 1 - kept.sum()  # the intercept takes one
        error = np.sum((targets - left @ (kept * parts)) ** 2) / max(freedom, 1e-9) ** 2
        if error < best:
            best, weights = error, right.T @ (sizes / (sizes**2 + penalty) * parts)
    return np.asarray(weights, float)
