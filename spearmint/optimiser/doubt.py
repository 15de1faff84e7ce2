"""Doubt in the models of constraints, for the search of several objectives.

A front may lie in several feasible regions. Once many jobs are close together in one of them, the
fitted models are too certain that other points are infeasible: length scales that explain the close
points well reach too far. Any improvement in the known region is then preferred, however small.

So every third suggestion maximises a mean of two acquisition functions. In the second one, which
has a small weight, the length scales of the constraints are shorter. It decides where little is
left to gain nearby. A constraint is not doubted if its values are clearly less likely with the
shorter length scales, as those of smooth functions soon are: doubt would only lead to infeasible
jobs. (Averages over models are described by Hoeting et al. 1999, "Bayesian Model Averaging: A
Tutorial", Statistical Science 14.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser.acquisition import ConstrainedImprovement
from spearmint.optimiser.models.kernel import KERNELS, MEAN_VARIANCE, Features, Gram
from spearmint.optimiser.models.linalg import cholesky, inverse_lower
from spearmint.optimiser.models.priors import AMPLITUDE_BOUNDS
from spearmint.optimiser.models.regression import log_evidence
from spearmint.optimiser.models.surrogate import covariance
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import Observations
from spearmint.optimiser.space import Array

#: One of so many suggestions doubts the models.
EVERY = 3
#: By how much shorter the length scales are.
SHORTER = 3.0
#: The weight of the less certain models. With 0.02, three of ten searches of the problem C2-DTLZ2
#: still missed a part of its front.
WEIGHT = 0.1
#: A model is not doubted if shorter length scales lower the log marginal likelihood of its values
#: by more than this per value. Only jobs far from each other count, at most half of all: what close
#: ones say about length scales need not hold elsewhere.
DECIDED = 0.5
#: Jobs are far from each other if their distance is at least this share of the largest one.
FAR = 0.1
#: With fewer such jobs, every constraint is doubted.
LEAST = 10
#: Least noise variance as a share of the amplitude, for a stable factorisation.
_LEAST_NOISE = 1e-6


def is_due(known: Observations, fitted: ConstrainedImprovement) -> bool:
    """Whether the next suggestion doubts the models of constraints.

    Not as long as no feasible job is known, nor while the search is careful because it has left the
    feasible region several times.

    Args:
        known: The observations.
        fitted: The acquisition function by the fitted models.
    """
    constrained = len(fitted.threshold) > fitted.first
    turn = known.count % EVERY == 0
    return turn and constrained and bool(fitted.feasible.all()) and fitted.weight == 1.0


class Doubted(ConstrainedImprovement):
    """The log of a weighted mean of two acquisition functions.

    Args:
        fitted: By the fitted models.
        other: By less certain models of the same tasks; its weight is `WEIGHT`.
    """

    def __init__(self, fitted: ConstrainedImprovement, other: ConstrainedImprovement) -> None:
        self.surrogate = fitted.surrogate
        self.both = fitted, other

    def __call__(self, points: Array) -> Array:
        """See `ConstrainedImprovement`."""
        return _log_mean(*(each(points) for each in self.both))

    def corrected(self, points: Array, means: Array, deviations: Array) -> Array:
        """See `ConstrainedImprovement`."""
        return _log_mean(*(each.corrected(points, means, deviations) for each in self.both))

    def with_gradient(self, points: Array) -> tuple[Array, Array]:
        """See `ConstrainedImprovement`."""
        (first, by_first), (second, by_second) = (each.with_gradient(points) for each in self.both)
        value = _log_mean(first, second)
        share = np.exp(second + log(WEIGHT) - value)[:, None]
        return value, (1.0 - share) * by_first + share * by_second


def _log_mean(first: Array, second: Array) -> Array:
    mean: Array = np.logaddexp(first + log(1.0 - WEIGHT), second + log(WEIGHT))
    return mean


def less_certain(features: Features, models: Sequence[TaskModel]) -> list[TaskModel] | None:
    """The models, those of doubtful constraints with the rougher kernel and shorter length scales.

    Args:
        features: Features of the space.
        models: Of objectives and constraints.

    Returns:
        As many models; None if no constraint is doubtful.
    """
    found = [model if model.task.objective else _doubted(features, model) for model in models]
    return None if all(a is b for a, b in zip(found, models, strict=True)) else found


def _doubted(features: Features, model: TaskModel) -> TaskModel:
    """The rougher model, unless the values speak clearly against it."""
    rougher = _rougher(features, model)
    if model.warp is None:  # outcomes
        return rougher
    apart = _distant(model.rows)
    if len(apart) < LEAST:
        return rougher
    lost = _evidence_lost(features, model, rougher, apart)
    return model if lost > DECIDED * len(apart) else rougher


def _distant(rows: Array) -> NDArray[np.intp]:
    """Rows far from each other: each one is the row farthest from those before it."""
    chosen = [0]
    distances = np.linalg.norm(rows - rows[0], axis=1)
    least = FAR * float(distances.max())
    while 2 * len(chosen) < len(rows) and distances.max() > least:
        chosen.append(int(np.argmax(distances)))
        distances = np.minimum(distances, np.linalg.norm(rows - rows[chosen[-1]], axis=1))
    return np.array(chosen)


def _evidence_lost(
    features: Features, fitted: TaskModel, rougher: TaskModel, index: NDArray[np.intp]
) -> float:
    """By how much the log marginal likelihood of some values is lower with the rougher model."""
    noise = log(fitted.noise + _LEAST_NOISE)
    extra = None if fitted.extra is None else np.tile(fitted.extra[index], (2, 1))
    values, _ = log_evidence(
        Gram(features, fitted.rows[index]),
        np.tile(fitted.z[index], (2, 1)),
        np.array([[*fitted.theta, noise], [*rougher.theta, noise]]),
        np.array([each.kernel == KERNELS[1] for each in (fitted, rougher)]),
        extra,
    )
    return float(values[0] - values[1])


def _rougher(features: Features, model: TaskModel) -> TaskModel:
    theta = model.theta.copy()
    theta[:-1] -= log(SHORTER)
    if model.warp is not None:
        theta[-1] = 0.0
        noise = max(model.noise / float(np.exp(model.theta[-1])), _LEAST_NOISE)
        theta[-1] = _log_amplitude(features, model, theta, noise)
    return replace(model, kernel=KERNELS[0], theta=theta)


def _log_amplitude(features: Features, model: TaskModel, unit: Array, noise: float) -> float:
    """The log amplitude that makes the values most likely, with their most likely mean.

    Args:
        features: Features of the space.
        model: The values and their points.
        unit: Hyper-parameters with amplitude 1.
        noise: Noise variance as a share of the amplitude.
    """
    rows, n = model.rows, len(model.rows)
    matrix = covariance(KERNELS[0], features.group, unit, rows, rows) + noise * np.eye(n)
    # `covariance` includes the variance of an unknown mean, which is estimated here.
    root = inverse_lower(cholesky(matrix - MEAN_VARIANCE))
    ones, values = root.sum(axis=1), root @ model.z
    rest = values - ones * (ones @ values) / (ones @ ones)
    least, most = AMPLITUDE_BOUNDS
    return float(np.clip(np.log(np.maximum(rest @ rest / n, np.exp(least))), least, most))
