"""The MAP fit of all tasks: hyper-parameters, output warp and kernel by evidence.

Fits of tasks that were observed at the same points go side by side, as arrays. First every warp
with the first kernel, for a few steps; then the better warp of each task with both kernels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.ascent import ascend
from spearmint.models import classification, priors, regression, warp
from spearmint.models.kernel import KERNELS, Features, Gram
from spearmint.models.linalg import say_once
from spearmint.models.task_model import TaskModel
from spearmint.models.warp import Warp
from spearmint.observations import OUTCOMES, Task
from spearmint.space import Array

#: Hyper-parameters are fitted to at most this many observations.
LARGEST_FIT = 250
FIRST_ROUNDS, ROUNDS = 12, 40
#: Least gain of a step, in log density, that is worth another one.
TOLERANCE = 1e-3
#: Largest change of a logarithm in a first step.
FIRST_STEP = 0.5


@dataclass(frozen=True)
class Data:
    """What is known of one task: which observations, their features (n, F), values (n,)."""

    task: Task
    index: NDArray[np.intp]
    rows: Array
    y: Array


@dataclass(frozen=True)
class _Trial:
    """A fit under way: one task with one warp and one kernel."""

    data: Data
    warp: Warp
    gaussian: bool
    t: Array
    value: float = -np.inf


def fit(features: Features, tasks: Sequence[Data], known: Mapping[str, Any]) -> list[TaskModel]:
    """The fitted models, in the order given.

    Args:
        features: Which groups of features there are.
        tasks: At least one observation each; values not NaN.
        known: ``TaskModel.hypers`` of earlier fits, by task: further starts.
    """
    models: dict[str, TaskModel] = {}
    together: dict[bytes, list[Data]] = {}
    for data in tasks:
        if data.task.likelihood in OUTCOMES:
            models[data.task.name] = _fit_outcomes(features, data, known.get(data.task.name))
        else:
            finite = replace(data, y=warp.finite(data.y))
            together.setdefault(data.index.tobytes(), []).append(finite)
    for group in together.values():
        for model in _fit_values(features, group, known):
            models[model.task.name] = model
    return [models[data.task.name] for data in tasks]


def _fit_values(
    features: Features, group: Sequence[Data], known: Mapping[str, Any]
) -> list[TaskModel]:
    """Models of tasks that were observed at the same points."""
    some = _subset(len(group[0].index))
    gram = Gram(features, group[0].rows[some])
    start = priors.start(features.groups)
    trials = []
    for data in group:
        starts = [start, *_known_start(known.get(data.task.name), len(start))]
        for bend in warp.candidates(data.y, data.task.objective):
            trials.extend(_Trial(data, bend, False, t) for t in starts)
    # Of several starts of the same fit the best is gone on with.
    trials = _best(_improve(gram, some, trials, 0), by_warp=True)
    trials = _best(_improve(gram, some, trials, FIRST_ROUNDS), by_warp=False)
    trials = [replace(trial, gaussian=kind) for trial in trials for kind in (False, True)]
    models = []
    for trial in _best(_improve(gram, some, trials, ROUNDS), by_warp=False):
        if not np.isfinite(trial.value):
            say_once("a model could not be fitted; its hyper-parameters are where it started")
        data, t = trial.data, trial.t
        kernel, noise = KERNELS[int(trial.gaussian)], float(np.exp(t[-1]))
        z = trial.warp(data.y)
        models.append(
            TaskModel(data.task, kernel, t[:-1], noise, data.index, data.rows, z, trial.warp)
        )
    return models


def _improve(
    gram: Gram, some: NDArray[np.intp], trials: Sequence[_Trial], rounds: int
) -> list[_Trial]:
    """The trials after some rounds of gradient ascent of log posterior density of y."""
    z = np.array([trial.warp(trial.data.y[some]) for trial in trials])
    gaussian = np.array([trial.gaussian for trial in trials], dtype=np.bool_)
    groups = gram.squares.shape[1]

    def density(t: Array, which: NDArray[np.intp]) -> tuple[Array, Array]:
        value, gradient = regression.log_evidence(gram, z[which], t, gaussian[which])
        penalty, slope = priors.penalty(groups, t)
        return value - penalty, gradient - slope

    ends = [_noise_ends(trial.data.task) for trial in trials]
    low, high = (
        np.array(side) for side in zip(*(priors.box(groups, e) for e in ends), strict=True)
    )
    starts = np.clip(np.array([trial.t for trial in trials]), low, high)
    t, value = ascend(density, starts, rounds, (low, high), TOLERANCE, FIRST_STEP)
    slopes = [trial.warp.log_slope(trial.data.y[some]) for trial in trials]
    return [
        replace(trial, t=t[i], value=float(value[i]) + slopes[i]) for i, trial in enumerate(trials)
    ]


def _noise_ends(task: Task) -> tuple[float, float]:
    return priors.NOISE_BOUNDS if task.likelihood == "GAUSSIAN" else (priors.NO_NOISE,) * 2


def _best(trials: Sequence[_Trial], by_warp: bool) -> list[_Trial]:
    """The trial of highest density of each task, or of each task and warp."""
    found: dict[object, _Trial] = {}
    for trial in trials:
        name = trial.data.task.name
        key = (name, trial.warp) if by_warp else name
        if key not in found or trial.value > found[key].value:
            found[key] = trial
    return list(found.values())


def _fit_outcomes(features: Features, data: Data, known: Any) -> TaskModel:
    labels = np.array([1.0 if data.task.met(value) else -1.0 for value in data.y])
    some = _subset(len(labels))
    gram = Gram(features, data.rows[some])

    def density(t: Array, which: NDArray[np.intp]) -> tuple[Array, Array]:
        del which
        found = [classification.log_evidence(gram, labels[some], row) for row in t]
        penalty, slope = priors.penalty(features.groups, t)
        value = np.array([value for value, _ in found])
        return value - penalty, np.array([gradient for _, gradient in found]) - slope

    start = priors.start(features.groups)[:-1]
    box = priors.box(features.groups, ())
    starts = np.array([start, *_known_start(known, len(start))])
    values, _ = density(starts, np.arange(len(starts)))
    best = np.clip(starts[[int(np.argmax(values))]], *box)
    t, _ = ascend(density, best, ROUNDS, box, TOLERANCE, FIRST_STEP)
    return TaskModel(data.task, KERNELS[0], t[0], 0.0, data.index, data.rows, labels, None)


def _known_start(known: Any, length: int) -> list[Array]:
    """Hyper-parameters of an earlier fit, if they have the right form."""
    if not isinstance(known, Mapping):
        return []
    try:
        t = np.array(known["theta"], dtype=float)
    except (KeyError, TypeError, ValueError):
        return []
    return [t] if t.shape == (length,) and np.isfinite(t).all() else []


def _subset(n: int) -> NDArray[np.intp]:
    """At most LARGEST_FIT rows: the latest half, and an even choice of the earlier ones."""
    if n <= LARGEST_FIT:
        return np.arange(n)
    late = LARGEST_FIT // 2
    early = np.linspace(0, n - late - 1, LARGEST_FIT - late).astype(np.intp)
    return np.concatenate([early, np.arange(n - late, n)])
