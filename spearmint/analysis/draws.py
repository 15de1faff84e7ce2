"""Functions drawn from the posterior of a model, which can be evaluated at any number of points.

A function of the prior is a sum of random Fourier features (Rahimi & Recht 2007); the data correct
it by Matheron's rule (Wilson et al. 2020, "Efficiently Sampling Functions from Gaussian Process
Posteriors", ICML, eq. 9): f(x) + k(x, X) (K + noise I)^-1 (y - f(X) - e).
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
from scipy.linalg import cho_solve

from spearmint.optimiser.models.kernel import MEAN_VARIANCE, Features
from spearmint.optimiser.models.linalg import cholesky
from spearmint.optimiser.models.surrogate import covariance
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.space import Array

#: Number of random Fourier features of a function.
WAVES = 512
#: Noise below this share of the amplitude is raised to it, which keeps matrices positive definite.
LEAST_NOISE = 1e-8
#: Number of points at which functions are evaluated at once.
BLOCK = 2048


class Draws:
    """S functions drawn from the posterior of a model; their values are those of the warp, z.

    Args:
        features: Features of the space.
        model: A model of numbers, not of outcomes.
        count: S.
        rng: Random numbers.
    """

    def __init__(
        self, features: Features, model: TaskModel, count: int, rng: np.random.Generator
    ) -> None:
        self._group, self._model = features.group, model
        amplitude = float(np.exp(model.theta[-1]))
        width = len(features.group)
        # The spectral density of a Matérn-5/2 kernel is that of Student's t with 5 degrees of
        # freedom; that of a squared exponential is normal.
        waves = rng.standard_normal((width, WAVES))
        if model.kernel == "matern52":
            waves /= np.sqrt(rng.chisquare(5, WAVES) / 5)
        self._waves = waves * np.exp(-model.theta[:-1])[features.group][:, None]
        self._phases = rng.uniform(0, 2 * pi, WAVES)
        self._weights = rng.standard_normal((WAVES, count)) * sqrt(2 * amplitude / WAVES)
        self._means = rng.standard_normal(count) * sqrt(MEAN_VARIANCE)
        noise = max(model.noise, LEAST_NOISE * amplitude)
        errors = rng.standard_normal((len(model.rows), count)) * sqrt(noise)
        matrix = covariance(model.kernel, self._group, model.theta, model.rows, model.rows)
        factor = cholesky(matrix + noise * np.eye(len(model.rows)))
        rest = model.z[:, None] - self._prior(model.rows) - errors
        self._alpha = cho_solve((factor, True), rest)

    def __call__(self, rows: Array) -> Array:
        """The values at features, shape (m, F) -> (m, S)."""
        blocks = [self._posterior(rows[i : i + BLOCK]) for i in range(0, len(rows), BLOCK)]
        return np.concatenate(blocks)

    def _posterior(self, rows: Array) -> Array:
        model = self._model
        known = covariance(model.kernel, self._group, model.theta, rows, model.rows)
        values: Array = self._prior(rows) + known @ self._alpha
        return values

    def _prior(self, rows: Array) -> Array:
        values: Array = np.cos(rows @ self._waves + self._phases) @ self._weights + self._means
        return values
