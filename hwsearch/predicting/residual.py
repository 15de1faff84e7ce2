"""A Gaussian process on the residuals of a linear model: log(measured cost / predicted cost).

A linear model does not represent caches, partly filled tiles, or operations that overlap. With
about twenty profiles or more, the residuals show a pattern in the logarithms of the features, which
the process learns. Far from all profiles, its prediction is that of the linear model.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsearch.predicting.linear import Array, NonNegativeModel

#: Bounds of the kernel: standard deviation of log ratios, length scale in standard deviations of
#: the log features, variance of the noise.
AMPLITUDE = (1e-3, 1.0)
LENGTH = (0.3, 30.0)
NOISE = (1e-7, 1.0)
#: At most this number of random networks determines the kernel's parameters, and at most this
#: number is used for predictions: the time grows with their cube, and more of them hardly improve
#: the predictions. The linear model uses all networks.
MOST_FOR_KERNEL, MOST_NETWORKS = 200, 1000
#: What is added to the diagonal of the kernel, so that it can be inverted.
LEAST_VARIANCE = 1e-10


@dataclass(frozen=True, slots=True)
class ResidualModel:
    """cost = linear cost x exp(Gaussian process of the log features).

    Attributes:
        linear: The linear model.
        process: A fitted scikit-learn `GaussianProcessRegressor`.
        columns: Features that differ between the networks of the fit; all if none does.
        floor: Lower bound of each feature before its logarithm is taken, shape (F,).
        mean, spread: Of the logarithms of these columns, for standardisation.
    """

    linear: NonNegativeModel
    process: Any
    columns: NDArray[np.bool_]
    floor: Array
    mean: Array
    spread: Array

    @classmethod
    def fit(
        cls,
        features: Array,
        costs: Array,
        errors: Array | None = None,
        theta: Array | None = None,
    ) -> ResidualModel:
        """Fits the linear model, then the process to its residuals.

        Args:
            features: Shape (n, F), not negative.
            costs: Shape (n,), positive.
            errors: Relative standard errors of the costs, shape (n,); None = 0.
            theta: Logarithms of the kernel's three parameters; None = the most likely ones.
        """
        linear = NonNegativeModel.fit(features, costs, errors)
        # No price at all may be left for a network's work.
        ratios = np.log(costs / np.maximum(linear.predict(features), 1e-3 * costs))
        # Work that a network does not do at all counts as a millionth of the most.
        floor = np.maximum(1e-6 * features.max(axis=0), 1e-300)
        logs = np.log(np.maximum(features, floor))
        columns = logs.std(axis=0) > 1e-9
        if not columns.any():  # equal networks: the process learns nothing, but it can be made
            columns[:] = True
        mean = logs[:, columns].mean(axis=0)
        spread = np.maximum(logs[:, columns].std(axis=0), 1e-9)
        points = (logs[:, columns] - mean) / spread
        return cls(linear, _process(points, ratios, errors, theta), columns, floor, mean, spread)

    @property
    def theta(self) -> list[float]:
        """Logarithms of the kernel's parameters, for `fit`."""
        return [float(entry) for entry in self.process.kernel_.theta]

    def predict(self, features: Array) -> Array:
        """Costs of networks with features of shape (m, F), shape (m,)."""
        return self.with_spread(features)[0]

    def with_spread(self, features: Array) -> tuple[Array, Array]:
        """Costs, shape (m,), and the standard deviations of their logarithms, shape (m,)."""
        logs = np.log(np.maximum(features, self.floor))
        points = (logs[:, self.columns] - self.mean) / self.spread
        ratios, spread = self.process.predict(points, return_std=True)
        costs: Array = self.linear.predict(features) * np.exp(ratios)
        return costs, spread


def _process(points: Array, ratios: Array, errors: Array | None, theta: Array | None) -> Any:
    """A fitted process: shape (n, d) -> (n,)."""
    # scikit-learn takes a second to import, and only predictions need it.
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - see above
    from sklearn.gaussian_process import GaussianProcessRegressor  # noqa: PLC0415 - see above
    from sklearn.gaussian_process.kernels import (  # noqa: PLC0415 - see above
        ConstantKernel,
        Matern,
        WhiteKernel,
    )

    amplitude = ConstantKernel(0.01, (AMPLITUDE[0] ** 2, AMPLITUDE[1] ** 2))
    kernel = amplitude * Matern(3.0, LENGTH, nu=2.5) + WhiteKernel(1e-3, NOISE)
    variance = LEAST_VARIANCE + (np.zeros(len(ratios)) if errors is None else errors**2)

    def fitted(start: Any, most: int, optimizer: str | None) -> Any:
        some = np.random.default_rng(0).permutation(len(ratios))[:most]
        some.sort()
        process = GaussianProcessRegressor(start, alpha=variance[some], optimizer=optimizer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a bound of the kernel is reached
            return process.fit(points[some], ratios[some])

    if theta is not None:
        return fitted(kernel.clone_with_theta(theta), MOST_NETWORKS, None)
    process = fitted(kernel, MOST_FOR_KERNEL, "fmin_l_bfgs_b")
    if len(ratios) <= MOST_FOR_KERNEL:
        return process
    return fitted(process.kernel_, MOST_NETWORKS, None)
