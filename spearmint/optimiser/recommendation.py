"""The best point so far: the incumbent of each posterior sample, and the recommended point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spearmint.optimiser.acquisition import log_met
from spearmint.optimiser.candidates import around, design
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import FAILURE, Observations
from spearmint.optimiser.space import Array, Params, Space

#: Number of points, in addition to the observed ones, among which the best one is chosen.
GRID = 1024


def incumbents(
    known: Observations, models: Sequence[TaskModel], values: Sequence[Array]
) -> tuple[Array, Array]:
    """The incumbents: the best of the observed and pending points in each sample.

    Args:
        known: The n observations and p pending points.
        models: The objective's first.
        values: Values of each model at its n observations and the pending points, shape
            (n + p, S) each.

    Returns:
        Lowest feasible objective, shape (S,), inf if no point is feasible; smallest total violation
        of the constraints whose values are numbers, shape (S,).
    """
    n, p = len(known.codes), len(known.pending)
    samples = values[0].shape[1]
    objective = np.full((n + p, samples), np.inf)
    violation = np.zeros((n + p, samples))
    met = np.ones((n + p, samples), dtype=bool)
    for model, value in zip(models, values, strict=True):
        rows = np.concatenate([model.index, np.arange(n, n + p)])
        if model.task.objective:
            objective[rows] = value
            continue
        shortfall = np.full((n + p, samples), np.inf)
        shortfall[rows] = np.maximum(model.threshold - value, 0.0)
        if model.task is FAILURE:
            # No label: stopped before its objective was computed, because of a constraint.
            shortfall[:n][np.isnan(known.failed)] = 0.0
        met &= shortfall == 0.0
        violation += shortfall if model.warp is not None else np.where(shortfall > 0, np.inf, 0.0)
    least = np.min(violation, axis=0, initial=np.inf)
    # Nothing was measured, or everything failed: any violation is an improvement.
    least = np.where(np.isfinite(least), least, 10.0)
    return np.min(np.where(met, objective, np.inf), axis=0, initial=np.inf), least


@dataclass(frozen=True, slots=True)
class Best:
    """The point that the models recommend.

    Attributes:
        params: The point, as a job's `params`.
        values: Expected value (the median) of every task there; of a BINOMIAL or STEP task the
            probability that it is met.
        probability: Probability that all constraints are met there.
        confident: Every constraint is met there with at least its task's `min-confidence`.
    """

    params: Params
    values: dict[str, float]
    probability: float
    confident: bool


def recommend(
    features: Features,
    known: Observations,
    models: Sequence[TaskModel],
    rng: np.random.Generator,
) -> Best:
    """The point with the lowest posterior mean that meets each constraint with its confidence.

    If no point reaches the `min_confidence` of every constraint, it is the one that most probably
    meets them all. It is chosen among the observed points, points around the best of them, and
    points everywhere in the space.

    Args:
        features: Features of the space.
        known: At least one observation with an objective.
        models: The objective's first.
        rng: Random numbers.
    """
    codes = _candidates(features.space, known, rng)
    nothing = features.of(known.pending[:0])
    surrogate, _ = condition(features, models, nothing, 1, rng, noise_free=False)
    mean, variance = surrogate.predict(features.of(codes))
    logs, _, _ = log_met(
        mean[1:, :, 0],
        variance[1:],
        surrogate.threshold[1:, None],
        surrogate.extra[1:, None],
    )
    wanted = np.log([model.task.min_confidence for model in models[1:]])
    # A constraint without a model was never measured.
    measured = {model.task.name for model in models} >= {task.name for task in known.tasks}
    confident = np.all(logs >= wanted[:, None], axis=0) & measured
    total = np.sum(logs, axis=0)
    if confident.any():
        best = int(np.argmin(np.where(confident, mean[0, :, 0], np.inf)))
    else:
        best = int(np.argmax(total))
    values = {}
    for r, model in enumerate(models):
        if model.warp is not None:
            values[model.task.name] = float(model.warp.inverse(mean[r, best])[0])
        elif model.task is not FAILURE:
            values[model.task.name] = float(np.exp(logs[r - 1, best]))
    return Best(
        params=features.space.decode(codes[best]),
        values=values,
        probability=float(np.exp(total[best])),
        confident=bool(confident[best]),
    )


def _candidates(space: Space, known: Observations, rng: np.random.Generator) -> Array:
    """The observed points, points around the best four, and points everywhere; shape (m, A)."""
    centres = known.codes[known.order[:4]]
    everywhere = design(space, GRID // 2, int(rng.integers(2**31)))
    return np.vstack([known.codes, everywhere, around(space, centres, GRID // 8, rng)])
