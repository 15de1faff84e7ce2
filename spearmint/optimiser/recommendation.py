"""The best points so far: those of each posterior sample, and the recommended point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser.acquisition import log_met
from spearmint.optimiser.candidates import around, design
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.surrogate import Surrogate
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import FAILURE, Observations
from spearmint.optimiser.space import Array, Params, Space
from spearmint.optimiser.tried import Tried

#: Number of points, in addition to the observed ones, among which the best one is chosen.
GRID = 1024
#: If no point meets the constraints with this probability, the smallest violation counts.
UNLIKELY = 0.05
#: Standard deviations by which the expected value of a point has to be better than one observed
#: without noise.
CAUTION = 2.0
#: Number of points whose outcomes are predicted at once.
BLOCK = 256


def incumbents(
    known: Observations, models: Sequence[TaskModel], values: Sequence[Array]
) -> tuple[Array, Array]:
    """What the observed and pending points reach in each sample.

    Args:
        known: The n observations and p pending points.
        models: Those of the K objectives first; K may be 0.
        values: Values of each model at its n observations and the pending points, shape
            (n + p, S) each.

    Returns:
        The objectives at the points, shape (K, n + p, S), inf where a point is not feasible;
        smallest total violation of the constraints whose values are numbers, shape (S,).
    """
    n, p = len(known.codes), len(known.pending)
    samples = values[0].shape[1]
    count = sum(model.task.objective for model in models)
    objectives = np.full((count, n + p, samples), np.inf)
    violation = np.zeros((n + p, samples))
    met = np.ones((n + p, samples), dtype=bool)
    for r, (model, value) in enumerate(zip(models, values, strict=True)):
        rows = np.concatenate([model.index, np.arange(n, n + p)])
        if model.task.objective:
            objectives[r, rows] = value
            continue
        shortfall = np.full((n + p, samples), np.inf)
        shortfall[rows] = np.maximum(model.threshold - value, 0.0)
        if model.task is FAILURE:
            # No label: stopped before its objective was computed, because of a constraint.
            shortfall[:n][np.isnan(known.failed)] = 0.0
        met &= shortfall == 0.0
        violation += shortfall if model.warp is not None else np.where(shortfall > 0, np.inf, 0.0)
    # Jobs of an earlier space may lie outside the present one.
    met[:n] &= known.inside[:, None]
    violation[:n][~known.inside] = np.inf
    least = np.min(violation, axis=0, initial=np.inf)
    # Nothing was measured, or everything failed: any violation is an improvement.
    least = np.where(np.isfinite(least), least, 10.0)
    return np.where(met, objectives, np.inf), least


@dataclass(frozen=True, slots=True)
class Best:
    """The point that the models recommend.

    Attributes:
        params: The point, as a job's `params`.
        values: Expected value (the median) of every task there; of a BINOMIAL or STEP task the
            probability that it is met.
        probability: Probability that all constraints are met there.
        confident: Every constraint is met there with at least its task's `min-confidence`.
        spread: Standard deviation of the model at `values`, in the task's own unit; only of tasks
            whose value is expected there, not of outcomes and of what is known without noise.
    """

    params: Params
    values: dict[str, float]
    probability: float
    confident: bool
    spread: dict[str, float] = field(default_factory=dict)


def probability_met(
    features: Features, models: Sequence[TaskModel], codes: Array, rng: np.random.Generator
) -> Array:
    """Probabilities that the constraints of all models are met at points; shape (m,)."""
    probability: Array = np.exp(log_probability_met(features, models, codes, rng))
    return probability


def log_probability_met(
    features: Features, models: Sequence[TaskModel], codes: Array, rng: np.random.Generator
) -> Array:
    """The logs of the probabilities that the constraints of all models are met; shape (m,).

    Args:
        features: Features of the space.
        models: Of constraints; at least one.
        codes: The points, shape (m, A).
        rng: Random numbers.
    """
    nothing = features.of(codes[:0])
    surrogate, _ = condition(features, models, nothing, 1, rng, noise_free=False)
    mean, variance = surrogate.predict(features.of(codes))
    threshold, extra = surrogate.threshold[:, None], surrogate.extra[:, None]
    logs, _, _ = log_met(mean[:, :, 0], variance, threshold, extra)
    total: Array = logs.sum(axis=0)
    return total


def recommend(
    features: Features,
    known: Observations,
    models: Sequence[TaskModel],
    rng: np.random.Generator,
) -> Best:
    """The point with the lowest posterior mean that meets each constraint with its confidence.

    If no point reaches the `min_confidence` of every constraint, it is the one that most probably
    meets them all; and if that is `UNLIKELY` everywhere, the observed point with the smallest
    violation. It is chosen among the observed points, points around the best of them, and points
    everywhere in the space. What was observed without noise is certain.

    Args:
        features: Features of the space.
        known: At least one observation with an objective.
        models: The objective's first.
        rng: Random numbers.
    """
    codes = _candidates(features.space, known, rng)
    nothing = features.of(known.pending[:0])
    surrogate, _ = condition(features, models, nothing, 1, rng, noise_free=False)
    mean, variance = _predicted(surrogate, features.of(codes))
    logs, _, _ = log_met(
        mean[1:], variance[1:], surrogate.threshold[1:, None], surrogate.extra[1:, None]
    )
    _make_certain(known, models, mean, logs)
    wanted = np.log([model.task.min_confidence for model in models[1:]])
    # A constraint without a model was never measured.
    measured = {model.task.name for model in models} >= {task.name for task in known.tasks}
    confident = np.all(logs >= wanted[:, None], axis=0) & measured
    total = np.sum(logs, axis=0)
    if confident.any():
        height = _height(known, models[0], mean[0], variance[0])
        best = int(np.argmin(np.where(confident, height, np.inf)))
    else:
        best = int(np.argmax(total))
        if total[best] < np.log(UNLIKELY):
            best = _least_violation(known, models, mean, logs, best)
    return Best(
        params=features.space.decode(codes[best]),
        values=_values(known, models, mean, logs, best),
        probability=float(np.exp(total[best])),
        confident=bool(confident[best]),
        spread=_spread(known, models, mean[:, best], variance[:, best], best),
    )


def _predicted(surrogate: Surrogate, rows: Array) -> tuple[Array, Array]:
    """Means and variances of R models at features, shape (m, F); shape (R, m) each."""
    # In blocks, as a prediction takes memory for all observations at each point.
    blocks = [surrogate.predict(rows[i : i + BLOCK]) for i in range(0, len(rows), BLOCK)]
    mean = np.concatenate([means[:, :, 0] for means, _ in blocks], axis=1)
    variance = np.concatenate([block for _, block in blocks], axis=1)
    return mean, variance


def _height(known: Observations, model: TaskModel, mean: Array, variance: Array) -> Array:
    """What is compared of the objective at the candidates, given its mean and variance there.

    If results have no noise, a point has to be better than a certain one with confidence.
    """
    height = mean.copy()
    if model.task.likelihood == "NOISELESS":
        certain = np.zeros(len(height), dtype=np.bool_)
        certain[_rows(known, model)[0]] = True
        height[~certain] += CAUTION * np.sqrt(variance[~certain])
    return height


def _rows(known: Observations, model: TaskModel) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The observations of a model in the searched space: their candidates, and rows of the model.

    The observed points are the first candidates. A forecast is no observation.
    """
    candidate = np.cumsum(known.inside) - 1
    use = known.inside[model.index]
    if model.task.objective:
        use &= ~known.foreseen[model.index]
    rows = np.flatnonzero(use)
    return candidate[model.index[rows]], rows


def _make_certain(
    known: Observations, models: Sequence[TaskModel], mean: Array, logs: Array
) -> None:
    """Replaces predictions at observed points by what was observed there without noise.

    Args:
        known: The observations.
        models: R models, the objective's first.
        mean: Means of the candidates, shape (R, m).
        logs: Log probabilities of the constraints, shape (R - 1, m).
    """
    for r, model in enumerate(models):
        if model.task.likelihood not in {"NOISELESS", "STEP"}:
            continue
        candidates, rows = _rows(known, model)
        if model.warp is not None:
            mean[r, candidates] = model.z[rows]
        if r:
            met = known.met_by(model.task, model.index[rows])
            logs[r - 1, candidates] = np.where(met, 0.0, -np.inf)


def _least_violation(
    known: Observations, models: Sequence[TaskModel], mean: Array, logs: Array, other: int
) -> int:
    """The observed point with the smallest total violation; `other` if there is none.

    Outcomes that are not met come before numbers that are below their bounds, and among equals,
    the lowest objective counts.
    """
    count = int(known.inside.sum())
    violation, outcomes = np.zeros(count), np.zeros(count)
    measured = np.ones(count, dtype=np.bool_)
    for r, model in enumerate(models[1:], start=1):
        if model.warp is None:
            outcomes += logs[r - 1, :count] < np.log(0.5)
            continue
        violation += np.maximum(model.threshold - mean[r, :count], 0.0)
        here = np.zeros(count, dtype=np.bool_)
        here[_rows(known, model)[0]] = True
        measured &= here
    if not measured.any() or all(model.warp is None for model in models[1:]):
        return other
    violation[~measured] = np.inf
    return int(np.lexsort((mean[0, :count], violation, outcomes, ~measured))[0])


def _values(
    known: Observations, models: Sequence[TaskModel], mean: Array, logs: Array, best: int
) -> dict[str, float]:
    """The expected value of each task at a candidate; the observed one if there is no noise."""
    values = {}
    places = np.flatnonzero(known.inside)
    names = [task.name for task in known.tasks]
    for r, model in enumerate(models):
        name = model.task.name
        if model.warp is None:
            if model.task is not FAILURE:
                values[name] = float(np.exp(logs[r - 1, best]))
            continue
        values[name] = float(model.warp.inverse(mean[r, best : best + 1])[0])
        if model.task.likelihood == "NOISELESS" and best in _rows(known, model)[0]:
            observed = float(known.values[places[best], names.index(name)])
            values[name] = values[name] if np.isnan(observed) else observed
    return values


def _spread(
    known: Observations, models: Sequence[TaskModel], mean: Array, variance: Array, best: int
) -> dict[str, float]:
    """Half the width of the 68 % interval of each task that is not certain at a candidate.

    Args:
        known: The observations.
        models: R models, the objective's first.
        mean: Their means at the candidate, shape (R,).
        variance: Their variances there, without the noise of one observation; shape (R,).
        best: The candidate; the observed points come first.
    """
    spread = {}
    for r, model in enumerate(models):
        certain = model.task.likelihood == "NOISELESS" and best in _rows(known, model)[0]
        if model.warp is None or certain:
            continue
        deviation = np.sqrt(max(float(variance[r]), 0.0))
        low, high = model.warp.inverse(np.array([mean[r] - deviation, mean[r] + deviation]))
        spread[model.task.name] = float(abs(high - low)) / 2
    return spread


def _candidates(space: Space, known: Observations, rng: np.random.Generator) -> Array:
    """The observed points, points around the best four, and points everywhere; shape (m, A)."""
    observed = known.codes[known.inside]
    centres = known.codes[known.order[:4]]
    everywhere = design(space, GRID // 2, int(rng.integers(2**31)))
    others = np.vstack([everywhere, around(space, centres, GRID // 8, rng)])
    # At an observed point, the observation counts.
    return np.vstack([observed, others[~Tried(space, observed).has(others)]])
