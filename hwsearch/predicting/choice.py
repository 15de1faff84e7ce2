"""The choice of the model of one cost by cross-validation.

Cross-validation of few networks often prefers the wrong one of two models by chance. So a product
of powers (`LogLinearModel`) is not chosen alone: it is averaged with the best of the other models,
each weighted by its errors. An average limits the loss from a wrong model, and is often more
accurate than either of the two (Bates and Granger 1969).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hwsearch.predicting.linear import Array
from hwsearch.predicting.selection import (
    CONSTANT,
    LOG_LINEAR,
    PROCESS,
    AverageModel,
    Fit,
    Model,
    Predicted,
    held_out,
    log_ratios,
    rmspe,
    root_mean_square,
)

#: A more complex model must be better than a simpler one by this factor to be chosen.
ADVANTAGE = 0.97
#: If the best model without a Gaussian process has a median error (in %, for usual networks) below
#: this, costs are sums of work, and a product of powers would add errors. It means an RMSPE of
#: about 10 %; one outlier does not raise the median.
GOOD_ERROR = 7.0
#: The weights in an average of two models are inversely proportional to this power of their errors.
WEIGHT_POWER = 4
#: A product of powers with a smaller weight is left out: it would gain little, and can be far off
#: for networks unlike the profiled ones.
LEAST_SHARE = 0.2
#: What the name of a model ends with if it is averaged with `LOG_LINEAR`.
AVERAGED = f" and {LOG_LINEAR}"


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that cross-validation chose.

    Attributes:
        name: The best of all models but `LOG_LINEAR`, with `AVERAGED` if it is averaged with it.
        share: The weight of `LOG_LINEAR`; 0 = it has no part in the model.
        outcome: The model's predictions of n held-out networks.
        validation: RMSPE in % on held-out networks, by model, the chosen one included.
    """

    name: str
    share: float
    outcome: Predicted
    validation: dict[str, float]

    @classmethod
    def among(
        cls, candidates: Mapping[str, Fit], features: Array, costs: Array, errors: Array | None
    ) -> Choice:
        """Validates all candidates, chooses the best, and averages it with `LOG_LINEAR`.

        Args:
            candidates: By name; `CONSTANT` is among them.
            features: Shape (n, F).
            costs: Shape (n,).
            errors: Relative standard errors of the costs, shape (n,), or None.
        """
        outcomes = {
            name: held_out(fit, features, costs, errors) for name, fit in candidates.items()
        }
        validation = {name: rmspe(outcome.costs, costs) for name, outcome in outcomes.items()}
        name = best_of(validation)
        outcome, share = outcomes[name], 0.0
        if LOG_LINEAR in outcomes and not _is_sum(outcomes, validation, costs):
            share = share_of(outcomes[LOG_LINEAR], outcome, costs)
        if share > 0:
            name, outcome = name + AVERAGED, outcome.averaged(outcomes[LOG_LINEAR], share)
            validation[name] = rmspe(outcome.costs, costs)
        return cls(name, share, outcome, validation)


def refit(
    name: str,
    share: float,
    candidates: Mapping[str, Fit],
    features: Array,
    costs: Array,
    errors: Array | None,
) -> Model:
    """Fits the model of a `Choice` to all networks.

    Raises:
        KeyError: No candidate has this name.
    """
    model = candidates[name.removesuffix(AVERAGED)](features, costs, errors)
    if not share:
        return model
    return AverageModel(model, candidates[LOG_LINEAR](features, costs, errors), share)


def best_of(validation: Mapping[str, float]) -> str:
    """The name of the model with the lowest error; a more complex one needs an `ADVANTAGE`.

    Args:
        validation: RMSPE in % by model, the simple models first; that of `CONSTANT` is among them.
            `LOG_LINEAR` is ignored.
    """
    best = CONSTANT
    for name, error in validation.items():
        if name != LOG_LINEAR and error < ADVANTAGE * validation[best]:
            best = name
    return best


def _is_sum(
    outcomes: Mapping[str, Predicted], validation: Mapping[str, float], costs: Array
) -> bool:
    """Whether costs seem to be sums of work, or not to vary at all."""
    simple = {name: error for name, error in validation.items() if name != PROCESS}
    best = best_of(simple)
    ratios = log_ratios(outcomes[best].costs, costs) / outcomes[best].width
    is_constant = best == CONSTANT and validation[LOG_LINEAR] >= ADVANTAGE * validation[best]
    return is_constant or 100.0 * float(np.median(ratios)) < GOOD_ERROR


def share_of(log_linear: Predicted, best: Predicted, costs: Array) -> float:
    """The weight of `LOG_LINEAR` in the average with the best other model.

    Args:
        log_linear: Its predictions of n held-out networks.
        best: Those of the best other model.
        costs: Measured costs, shape (n,).

    Returns:
        0 if the other model is far better.
    """
    # If the networks were chosen because they differ, a linear model is better for usual ones.
    error = root_mean_square((best.costs / costs - 1.0) / best.width) ** WEIGHT_POWER
    other = root_mean_square(log_linear.costs / costs - 1.0) ** WEIGHT_POWER
    share = error / max(error + other, 1e-300)
    return share if share >= LEAST_SHARE else 0.0
