"""The posteriors of all tasks at once, as arrays, with their gradients.

There are R models (the objective first, then the constraints, then failure) and
S samples of the uncertain values at known points (noise, results of pending jobs). Given one
sample, a model is an ordinary noise-free Gaussian process, so the means differ between samples and
the variances do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser.models.kernel import KERNELS, MEAN_VARIANCE, Features, kappa
from spearmint.optimiser.models.linalg import (
    SMALLEST_VARIANCE,
    cholesky,
    inverse_lower,
    times_lower,
)
from spearmint.optimiser.space import Array


@dataclass(frozen=True, slots=True)
class Posterior:
    """The posterior of one model.

    Attributes:
        kernel: One of `KERNELS`.
        theta: Log ℓ of the G groups, log amplitude; shape (G + 1,).
        rows: Features of its n points, shape (n, F).
        alpha: Means are k(x)ᵀ alpha, shape (n, S).
        root: Variances are k(x, x) - |root k(x)|²; lower triangular, shape (n, n).
        threshold: The latent value from which a constraint is met.
        extra: Variance added for the probability that it is met.
    """

    kernel: str
    theta: Array
    rows: Array
    alpha: Array
    root: Array
    threshold: float = 0.0
    extra: float = 0.0


def covariance(kernel: str, group: NDArray[np.intp], theta: Array, a: Array, b: Array) -> Array:
    """The covariance k between rows of features (m, F) and (n, F), shape (m, n)."""
    scale = np.exp(-theta[:-1])[group]
    p, q = a * scale, b * scale
    squared = np.sum(p**2, axis=1)[:, None] + np.sum(q**2, axis=1) - 2.0 * (p @ q.T)
    value, _ = kappa(kernel, np.maximum(squared, 0.0))
    matrix: Array = np.exp(theta[-1]) * value + MEAN_VARIANCE
    return matrix


class Surrogate:
    """R posteriors of the same S samples, stacked and padded with zeros to the largest n."""

    def __init__(self, features: Features, posteriors: Sequence[Posterior]) -> None:
        self.features = features
        # Inside, models with the same kernel are adjacent; results are in the order given.
        self.order = np.argsort([KERNELS.index(p.kernel) for p in posteriors], kind="stable")
        ordered = [posteriors[i] for i in self.order]
        self.place = np.argsort(self.order)
        kernels = [p.kernel for p in ordered]
        self.parts = [
            (kernel, slice(kernels.index(kernel), kernels.index(kernel) + kernels.count(kernel)))
            for kernel in KERNELS
            if kernel in kernels
        ]
        count, largest = len(ordered), max(len(p.rows) for p in ordered)
        samples = ordered[0].alpha.shape[1]
        width = len(features.group)
        self.scale = np.array([np.exp(-p.theta[:-1])[features.group] for p in ordered])
        self.amplitude = np.exp(np.array([p.theta[-1] for p in ordered]))
        self.rows = np.zeros((count, largest, width))
        self.alpha = np.zeros((count, largest, samples))
        self.root = np.zeros((count, largest, largest))
        for r, p in enumerate(ordered):
            n = len(p.rows)
            self.rows[r, :n] = p.rows * self.scale[r]
            self.alpha[r, :n] = p.alpha
            self.root[r, :n, :n] = p.root
        self.row_norms = np.sum(self.rows**2, axis=2)
        self.threshold = np.array([p.threshold for p in posteriors])
        self.extra = np.array([p.extra for p in posteriors])

    def predict(self, points: Array) -> tuple[Array, Array]:
        """Means, shape (R, m, S), and variances, shape (R, m), at features (m, F)."""
        mean, variance, _ = self._forward(points, slopes=False)
        return mean, variance

    def _forward(self, points: Array, slopes: bool) -> tuple[Array, Array, tuple[Array, ...]]:
        q = points * self.scale[:, None, :]
        squared = q @ self.rows.transpose(0, 2, 1)
        squared *= -2.0
        squared += (q**2).sum(axis=2)[:, :, None]
        squared += self.row_norms[:, None, :]
        np.maximum(squared, 0.0, out=squared)
        value, slope = np.empty_like(squared), np.empty_like(squared) if slopes else squared
        for kernel, part in self.parts:
            value[part], bend = kappa(kernel, squared[part])
            if slopes:
                slope[part] = bend
        value *= self.amplitude[:, None, None]
        value += MEAN_VARIANCE
        mean = value @ self.alpha
        v = times_lower(value, self.root, transposed=True)
        prior = (self.amplitude + MEAN_VARIANCE)[:, None]
        variance = np.maximum(prior - (v**2).sum(axis=2), SMALLEST_VARIANCE * prior)
        return mean[self.place], variance[self.place], (q, slope, v)

    def with_gradient(self, points: Array) -> tuple[Array, Array, Backward]:
        """As `predict`, with a function that takes derivatives back to the points.

        Args:
            points: Features, shape (m, F).
        """
        mean, variance, (q, slope, v) = self._forward(points, slopes=True)
        return mean, variance, Backward(self, q, slope, v)


@dataclass(frozen=True, slots=True)
class Backward:
    """Reverse-mode differentiation of one call of `Surrogate.with_gradient`."""

    surrogate: Surrogate
    q: Array
    slope: Array
    v: Array

    def __call__(self, by_mean: Array, by_variance: Array) -> Array:
        """Computes dA/dpoints of some function A.

        Args:
            by_mean: The derivatives dA/dmean, shape (R, m, S).
            by_variance: The derivatives dA/dvariance, shape (R, m).

        Returns:
            Shape (m, F).
        """
        s = self.surrogate
        by_value = by_mean[s.order] @ s.alpha.transpose(0, 2, 1)
        by_value -= (2.0 * by_variance[s.order][:, :, None]) * times_lower(self.v, s.root)
        by_value *= self.slope
        by_value *= s.amplitude[:, None, None]
        # dr²/dq = 2 (q - z)
        by_q = 2.0 * (self.q * by_value.sum(axis=2)[:, :, None] - by_value @ s.rows)
        slope: Array = (by_q * s.scale[:, None, :]).sum(axis=0)
        return slope


def exact(
    kernel: str,
    group: NDArray[np.intp],
    theta: Array,
    rows: Array,
    values: Array,
    noise: float | Array,
    threshold: float,
) -> Posterior:
    """The posterior given values, shape (n, S), with a noise variance.

    Args:
        kernel: One of `KERNELS`.
        group: Group of each feature, shape (F,).
        theta: Log ℓ of the G groups, log amplitude; shape (G + 1,).
        rows: Features, shape (n, F).
        values: Values in each sample, shape (n, S).
        noise: Noise variance, of all values or of each, shape (n,).
        threshold: The latent value from which a constraint is met.
    """
    matrix = covariance(kernel, group, theta, rows, rows) + noise * np.eye(len(rows))
    root = inverse_lower(cholesky(matrix))
    return Posterior(kernel, theta, rows, root.T @ (root @ values), root, threshold)
