"""The models of one cost, and the choice among them by cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from hwsearch.predicting.arrays import folds_of
from hwsearch.predicting.linear import Array, ConstantModel, NonNegativeModel, PaperModel
from hwsearch.predicting.residual import ResidualModel

#: Fewer profiles than this say nothing about the residuals of a linear model.
LEAST_FOR_RESIDUALS = 16
#: Networks per weight of a linear model whose weights may have any sign.
PROFILES_PER_WEIGHT = 3
#: A more complex model must be better than a simpler one by this factor to be chosen.
ADVANTAGE = 0.97
#: Folds of cross-validation.
FOLDS = 10


class Model(Protocol):
    """A fitted model of one cost."""

    def predict(self, features: Array) -> Array:
        """Costs of networks with features of shape (m, F), shape (m,)."""


CONSTANT, NON_NEGATIVE, PAPER = "constant", "non-negative", "paper"
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
    PROCESS: ResidualModel.fit,
}


def rmspe(predicted: Array, measured: Array) -> float:
    """Root mean square percentage error of predictions, shape (n,), in %."""
    return float(100.0 * np.sqrt(np.mean((predicted / measured - 1.0) ** 2)))


def held_out(
    fit: Fit, features: Array, costs: Array, errors: Array | None = None, folds: int = FOLDS
) -> tuple[Array, Array]:
    """Predictions of networks by models that have not seen them.

    Args:
        fit: Fits a model.
        features: Shape (n, F).
        costs: Shape (n,).
        errors: Relative standard errors of the costs, shape (n,), or None.
        folds: Parts of the data, each held out once; at most as many as different networks.

    Returns:
        Predicted costs, and the standard deviations of their logarithms that the model itself
        states (0 if it states none), each of shape (n,).
    """
    predicted, spread = np.empty(len(costs)), np.zeros(len(costs))
    for part, rest in folds_of(features, folds):
        predicted[part], spread[part] = with_spread(
            fit(features[rest], costs[rest], None if errors is None else errors[rest]),
            features[part],
        )
    return predicted, spread


def candidates_of(features: Array) -> dict[str, Fit]:
    """The models that the networks with these features, shape (n, F), can determine."""
    candidates = dict(MODELS)
    if len(features) < LEAST_FOR_RESIDUALS:
        candidates.pop(PROCESS)
    # With hardly more networks than weights of any sign, cross-validation may be right by chance.
    weights = 1 + np.count_nonzero(np.ptp(features, axis=0))
    if len(features) < PROFILES_PER_WEIGHT * weights:
        candidates.pop(PAPER)
    return candidates


def best_of(validation: Mapping[str, float]) -> str:
    """The name of the model with the lowest error; a more complex one needs an `ADVANTAGE`.

    Args:
        validation: Errors by model, the simple models first; that of `CONSTANT` is among them.
    """
    best = CONSTANT
    for name, error in validation.items():
        if error < ADVANTAGE * validation[best]:
            best = name
    return best


def with_spread(model: Model, features: Array) -> tuple[Array, Array]:
    """Predicted costs, and the deviations of their logarithms that the model states, or 0.

    Args:
        model: Fitted.
        features: Shape (m, F).

    Returns:
        Two arrays of shape (m,).
    """
    if isinstance(model, ResidualModel):
        with threadpool_limits(1, "blas"):
            return model.with_spread(features)
    return model.predict(features), np.zeros(len(features))
