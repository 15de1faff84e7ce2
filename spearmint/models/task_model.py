"""What is learnt of one task: its warp, kernel and hyper-parameters, fitted to the observations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.models import classification, priors, regression, warp
from spearmint.models.kernel import KERNELS, Features, Gram
from spearmint.models.warp import Warp
from spearmint.observations import OUTCOMES, Task
from spearmint.space import Array

#: Hyper-parameters are fitted to at most this many observations.
LARGEST_FIT = 250
ITERATIONS = 50


@dataclass(frozen=True)
class TaskModel:
    """One fitted Gaussian process.

    Attributes:
        task: What it models.
        kernel: One of ``KERNELS``.
        theta: log ℓ of the G groups, log amplitude; shape (G + 1,).
        noise: Noise variance of z.
        index: Which observations it knows, shape (n,).
        rows: Their features, shape (n, F).
        z: Their warped values, or labels +1 and -1 of outcomes; shape (n,).
        warp: y -> z; None for outcomes.
    """

    task: Task
    kernel: str
    theta: Array
    noise: float
    index: NDArray[np.intp]
    rows: Array
    z: Array
    warp: Warp | None

    @property
    def threshold(self) -> float:
        """The z where a constraint is met."""
        return float(self.warp(np.zeros(1))[0]) if self.warp and not self.task.objective else 0.0

    @property
    def hypers(self) -> dict[str, Any]:
        """JSON-able, for the next fit."""
        return {
            "kernel": self.kernel,
            "theta": self.theta.tolist(),
            "log_noise": float(np.log(self.noise)) if self.noise > 0 else None,
            "warp": self.warp.kind if self.warp else None,
        }


def fit(
    features: Features,
    task: Task,
    index: NDArray[np.intp],
    rows: Array,
    y: Array,
    known: Mapping[str, Any] | None,
) -> TaskModel:
    """The MAP fit.

    Args:
        features: Which groups of features there are.
        task: What is modelled.
        index: Which observations these are, shape (n,), n >= 1.
        rows: Features, shape (n, F).
        y: Values, not NaN, shape (n,).
        known: ``hypers`` of an earlier fit: a second start.
    """
    some = _subset(len(y))
    if task.likelihood in OUTCOMES:
        labels = np.array([1.0 if task.met(value) else -1.0 for value in y])
        theta = _fit_outcomes(features, rows[some], labels[some], known)
        return TaskModel(task, KERNELS[0], theta, 0.0, index, rows, labels, None)
    y = warp.finite(y)
    best: tuple[float, str, Array, Warp] | None = None
    start = regression.start_of(features.groups)
    starts = [start, *_known_start(known, len(start))]
    noise = priors.NOISE_BOUNDS if task.likelihood == "GAUSSIAN" else (priors.NO_NOISE,) * 2
    box = regression.bounds(features.groups, noise)
    grams = {kernel: Gram(features, rows[some], kernel) for kernel in KERNELS}

    def attempt(kernel: str, bend: Warp, starts: Sequence[Array]) -> None:
        nonlocal best
        z = bend(y[some])
        gram = grams[kernel]

        def cost(t: Array) -> tuple[float, Array]:
            return regression.negative_log_evidence(gram, z, t)

        penalised = regression.with_priors(cost, features.groups)
        t, value = regression.maximise(penalised, starts, box, ITERATIONS)
        value -= bend.log_slope(y[some])
        if best is None or value < best[0]:
            best = (value, kernel, t, bend)

    for bend in warp.candidates(y, task.objective):
        attempt(KERNELS[0], bend, starts)
    assert best is not None
    attempt(KERNELS[1], best[3], [best[2]])
    _, kernel, t, bend = best
    return TaskModel(task, kernel, t[:-1], float(np.exp(t[-1])), index, rows, bend(y), bend)


def _fit_outcomes(
    features: Features, rows: Array, labels: Array, known: Mapping[str, Any] | None
) -> Array:
    gram = Gram(features, rows, KERNELS[0])

    def cost(t: Array) -> tuple[float, Array]:
        return classification.negative_log_evidence(gram, labels, t)

    start = regression.start_of(features.groups)[:-1]
    starts = [start, *_known_start(known, len(start))]
    penalised = regression.with_priors(cost, features.groups)
    box = regression.bounds(features.groups, ())
    return regression.maximise(penalised, starts, box, ITERATIONS)[0]


def _known_start(known: Mapping[str, Any] | None, length: int) -> list[Array]:
    """Hyper-parameters of an earlier fit, if they have the right form."""
    if not isinstance(known, Mapping):
        return []
    try:
        parts = [*known["theta"], known["log_noise"]] if "log_noise" in known else known["theta"]
        t = np.array([value for value in parts if value is not None], dtype=float)
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
