"""Linear models of one cost: non-negative least squares of relative errors, and the paper's model.

A cost (seconds, joules, bytes) is roughly a weighted sum of amounts of work. The weights are
prices: nanoseconds per multiply-accumulate, nanoseconds per byte. `NonNegativeModel` estimates
these prices. It does not allow negative ones. It minimises relative errors, because these decide
whether a network meets its budget; so small networks count as much as large ones.

`PaperModel` has the form of the models of HyperPower (Stamoulis et al., DATE 2018): a linear
function of the structure, fitted by ordinary least squares; here with an intercept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear, nnls

Array = NDArray[np.float64]

#: About the relative error of a good model. A profile with the same standard error has weight 1/2.
MODEL_ERROR = 0.05
#: Prior standard deviation of the share that one kind of work has in a cost.
SHARE_SPREAD = 0.2
#: Upper bound of the leverage of networks that differ much from the measured ones.
MOST_LEVERAGE = 25.0


@dataclass(frozen=True, slots=True)
class ConstantModel:
    """Predicts the same cost for every network; the reference for all other models.

    Attributes:
        cost: Geometric mean of the measured costs.
    """

    cost: float

    @classmethod
    def fit(cls, features: Array, costs: Array, errors: Array | None = None) -> ConstantModel:
        """See `NonNegativeModel.fit`."""
        del features, errors
        return cls(float(np.exp(np.mean(np.log(costs)))))

    def predict(self, features: Array) -> Array:
        """The same cost for each of m networks, shape (m,)."""
        return np.full(len(features), self.cost)


@dataclass(frozen=True, slots=True)
class Prior:
    """Prices that are known from elsewhere.

    Attributes:
        prices: Cost per unit of each feature, shape (F,).
        scale: Root mean square of the features of the networks that they come from, per cost,
            shape (F,): their prices are well known where this is large.
        networks: How many measured networks they count as.
    """

    prices: Array
    scale: Array
    networks: float


@dataclass(frozen=True, slots=True)
class NonNegativeModel:
    """cost = features @ weights, weights >= 0.

    Attributes:
        weights: Cost per unit of each feature, shape (F,).
        covariance: Of the weights, shape (F, F), for profiles whose relative errors have a variance
            of 1; 0 where a weight is 0. None = the weights are exact.
    """

    weights: Array
    covariance: Array | None = None

    @classmethod
    def fit(
        cls,
        features: Array,
        costs: Array,
        errors: Array | None = None,
        prior: Prior | None = None,
    ) -> NonNegativeModel:
        """Minimises the sum of squared relative errors.

        Args:
            features: Work of each network, shape (n, F), not negative.
            costs: Measured costs, shape (n,), positive.
            errors: Relative standard errors of the costs, shape (n,): profiles that are less exact
                count less. None = all are equally exact.
            prior: What the prices are expected to be; None = nothing is known.
        """
        counts = exactness(costs, errors)
        relative = features / costs[:, None] * counts[:, None]
        scale = np.sqrt(np.mean(relative**2, axis=0))
        if prior is not None:
            scale = np.maximum(scale, prior.scale)
        scale[scale == 0] = 1.0
        # A little ridge decides between features that grow together; few networks determine little.
        prices = np.zeros(features.shape[1]) if prior is None else prior.prices
        ridge = 1e-3 * np.sqrt(len(costs)) if prior is None else np.sqrt(prior.networks)
        rows = np.vstack([relative / scale, np.diag(np.full(len(prices), ridge))])
        target = np.concatenate([counts, ridge * scale * prices])
        weights = _non_negative(rows, target)
        known = 0.0 if prior is None else prior.networks
        spread = _covariance(relative / scale, weights > 0, known)
        return cls(weights / scale, spread / np.outer(scale, scale))

    def predict(self, features: Array) -> Array:
        """Costs of networks with features of shape (m, F), shape (m,)."""
        costs: Array = features @ self.weights
        return costs

    def width(self, features: Array) -> Array:
        """The factor by which the uncertainty of the weights increases the expected error.

        It is sqrt(1 + h). The leverage h (Cook and Weisberg 1982) is the variance of the predicted
        cost, divided by the variance of one profile. It is about F / n for networks similar to the
        n measured ones, larger for others, and at most `MOST_LEVERAGE`.

        Args:
            features: Of m networks, shape (m, F).

        Returns:
            Shape (m,), 1 or more.
        """
        if self.covariance is None:
            return np.ones(len(features))
        costs = self.predict(features)
        is_priced = costs > 0
        shares = features / np.where(is_priced, costs, 1.0)[:, None]
        leverage = np.einsum("ij,jk,ik->i", shares, self.covariance, shares)
        leverage[~is_priced] = MOST_LEVERAGE
        width: Array = np.sqrt(1.0 + np.clip(leverage, 0.0, MOST_LEVERAGE))
        return width

    def shares(self, features: Array) -> Array:
        """Part of each feature in the predicted cost of one network, shape (F,); sums to 1."""
        parts: Array = features * self.weights
        return parts / parts.sum() if parts.sum() > 0 else parts


def exactness(costs: Array, errors: Array | None) -> Array:
    """The factor by which the relative error of each profile is multiplied in a fit, shape (n,).

    It is 1 for an exact cost, and less for one with a standard error.

    Args:
        costs: Shape (n,).
        errors: Their relative standard errors, shape (n,); None = all are equally exact.
    """
    counts = np.ones(len(costs)) if errors is None else 1 / np.hypot(1, errors / MODEL_ERROR)
    return np.asarray(counts, float)


def _non_negative(rows: Array, target: Array) -> Array:
    """The non-negative least squares solution of `rows @ x = target`, shape (columns,)."""
    try:
        found: Array = nnls(rows, target, maxiter=100 * rows.shape[1])[0]
    except RuntimeError:  # too many iterations: rounding can make an active-set method cycle
        found = lsq_linear(rows, target, bounds=(0.0, np.inf)).x
    return found


def _covariance(relative: Array, is_used: NDArray[np.bool_], known: float) -> Array:
    """Covariance of scaled weights, shape (F, F): that of least squares on the used features.

    Args:
        relative: Scaled features per cost, shape (n, F).
        is_used: Which weights are not 0, shape (F,).
        known: Networks that the weights' prior counts as.
    """
    used = relative[:, is_used]
    precision = used.T @ used + np.eye(used.shape[1]) * (known + (MODEL_ERROR / SHARE_SPREAD) ** 2)
    covariance = np.zeros((len(is_used), len(is_used)))
    covariance[np.ix_(is_used, is_used)] = np.linalg.inv(precision)
    return covariance


@dataclass(frozen=True, slots=True)
class PaperModel:
    """cost = intercept + features @ weights.

    Attributes:
        intercept: Cost of a network without work.
        weights: Cost per unit of each feature, shape (F,).
    """

    intercept: float
    weights: Array

    @classmethod
    def fit(cls, features: Array, costs: Array, errors: Array | None = None) -> PaperModel:
        """Minimises the sum of squared errors (the least-norm solution if it is not unique).

        Args:
            features: Shape (n, F).
            costs: Shape (n,).
            errors: Not used.
        """
        del errors
        # Rounding gives a constant such as 0.1 another mean, and a spread above 0.
        is_constant = np.ptp(features, axis=0) == 0
        mean = np.where(is_constant, features[0], features.mean(axis=0))
        spread = features.std(axis=0)
        spread[is_constant | (spread == 0)] = 1.0
        rows = np.column_stack([np.ones(len(costs)), (features - mean) / spread])
        solution = np.linalg.lstsq(rows, costs, rcond=None)[0]
        weights = solution[1:] / spread
        return cls(float(solution[0] - mean @ weights), weights)

    def predict(self, features: Array) -> Array:
        """Costs of networks with features of shape (m, F), shape (m,)."""
        costs: Array = self.intercept + features @ self.weights
        return costs
