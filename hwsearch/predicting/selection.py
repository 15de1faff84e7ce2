"""The models of one cost, and their predictions of networks that they were not fitted to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from hwsearch.predicting.arrays import folds_of
from hwsearch.predicting.linear import Array, ConstantModel, NonNegativeModel, PaperModel
from hwsearch.predicting.log_linear import LogLinearModel
from hwsearch.predicting.residual import ResidualModel

#: Fewer profiles than this say nothing about the residuals of a linear model.
LEAST_FOR_RESIDUALS = 16
#: Fewer profiles than this do not determine exponents.
LEAST_FOR_EXPONENTS = 10
#: Networks per weight of a linear model whose weights may have any sign.
PROFILES_PER_WEIGHT = 3
#: Folds of cross-validation.
FOLDS = 10


class Model(Protocol):
    """A fitted model of one cost."""

    def predict(self, features: Array) -> Array:
        """Costs of networks with features of shape (m, F), shape (m,)."""


CONSTANT, NON_NEGATIVE, PAPER, LOG_LINEAR = "constant", "non-negative", "paper", "log-linear"
PROCESS = "non-negative + Gaussian process"
#: Only if there are networks of other templates; see `hwsearch.predicting.transfer`.
OTHERS = "non-negative + other templates"
#: Fits a model to features, costs and their relative standard errors.
Fit = Callable[[Array, Array, Array | None], Model]
#: Simple ones first.
MODELS: dict[str, Fit] = {
    CONSTANT: ConstantModel.fit,
    NON_NEGATIVE: NonNegativeModel.fit,
    PAPER: PaperModel.fit,
    LOG_LINEAR: LogLinearModel.fit,
    PROCESS: ResidualModel.fit,
}


def rmspe(expected: Array, measured: Array) -> float:
    """Root mean square percentage error of predicted costs, shape (n,), in %."""
    return 100.0 * root_mean_square(expected / measured - 1.0)


def log_ratios(expected: Array, measured: Array) -> Array:
    """The absolute logarithms of measured by predicted costs, shape (n,)."""
    # A linear model with an intercept may predict a cost below 0: its log ratio is capped.
    ratios: Array = np.abs(np.log(measured / np.maximum(expected, 1e-3 * measured)))
    return ratios


def root_mean_square(values: Array) -> float:
    """The square root of the mean of the squares."""
    return float(np.sqrt(np.mean(values**2)))


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a model says about m networks, three arrays of shape (m,).

    Attributes:
        costs: Predicted costs.
        spread: Standard deviations of their logarithms that the model itself states, or 0.
        width: Expected error of each network, divided by that of a network whose prediction
            would be exact but for the noise: 1 or more, larger for networks that differ more from
            those of the fit. See `hwsearch.predicting.linear.NonNegativeModel.width`.
    """

    costs: Array
    spread: Array
    width: Array

    def deviations(self, residual: float, least: float) -> Array:
        """Standard deviations of the logarithms of costs, shape (m,).

        Args:
            residual: Root mean square of the model's errors where the width is 1.
            least: The profiles' own error.
        """
        return np.maximum(self.spread, np.maximum(residual * self.width, least))

    def averaged(self, other: Predicted, share: float) -> Predicted:
        """The weighted geometric mean of these costs and those of another model.

        Args:
            other: What the other model says about the same networks.
            share: The other model's weight, 0 to 1.
        """
        # A linear model with an intercept may predict a cost below 0.
        costs = np.maximum(self.costs, 1e-3 * other.costs)
        return Predicted(
            costs ** (1 - share) * other.costs**share,
            (1 - share) * self.spread + share * other.spread,
            (1 - share) * self.width + share * other.width,
        )


def held_out(
    fit: Fit, features: Array, costs: Array, errors: Array | None = None, folds: int = FOLDS
) -> Predicted:
    """Predicts each network with a model fitted without it, by cross-validation.

    Args:
        fit: Fits a model.
        features: Shape (n, F).
        costs: Shape (n,).
        errors: Relative standard errors of the costs, shape (n,), or None.
        folds: Parts of the data, each held out once; at most as many as different networks.
    """
    found = np.empty((3, len(costs)))
    for part, rest in folds_of(features, folds):
        model = fit(features[rest], costs[rest], None if errors is None else errors[rest])
        outcome = predicted(model, features[part])
        found[:, part] = outcome.costs, outcome.spread, outcome.width
    return Predicted(*found)


def candidates_of(features: Array) -> dict[str, Fit]:
    """The models that n networks with these features, shape (n, F), are enough for, by name."""
    candidates = dict(MODELS)
    if len(features) < LEAST_FOR_RESIDUALS:
        candidates.pop(PROCESS)
    if len(features) < LEAST_FOR_EXPONENTS:
        candidates.pop(LOG_LINEAR)
    # With hardly more networks than weights of any sign, cross-validation may be right by chance.
    weights = 1 + np.count_nonzero(np.ptp(features, axis=0))
    if len(features) < PROFILES_PER_WEIGHT * weights:
        candidates.pop(PAPER)
    return candidates


@dataclass(frozen=True, slots=True)
class AverageModel:
    """The weighted geometric mean of a model and a `LogLinearModel`.

    Attributes:
        model: The best of the other models.
        log_linear: The product of powers.
        share: Its weight, 0 to 1.
    """

    model: Model
    log_linear: Model
    share: float

    def predict(self, features: Array) -> Array:
        """Costs of networks with features of shape (m, F), shape (m,)."""
        return predicted(self, features).costs


def predicted(model: Model, features: Array) -> Predicted:
    """Predicts networks with features of shape (m, F) by a fitted model."""
    if isinstance(model, AverageModel):
        other = predicted(model.log_linear, features)
        return predicted(model.model, features).averaged(other, model.share)
    if isinstance(model, ResidualModel):
        with threadpool_limits(1, "blas"):
            return Predicted(*model.with_spread(features), model.linear.width(features))
    costs = model.predict(features)
    ones = np.ones(len(features))
    width = model.width(features) if isinstance(model, NonNegativeModel) else ones
    return Predicted(costs, 0.0 * ones, width)
