"""Learning curves: what unfinished trainings will end with, and how certain that is.

Shares of a training double from one segment to the next: 2^-(S-1), ..., 1/2, 1. A value is mapped
to u = log(1 + (value - lowest) / scale), linear below the lowest value that was seen, so that a
training that diverged does not hide the differences between good ones. The change of u in one
segment is predicted by the change in the segment before it:

    d_k = a_k + b_k d_(k-1) + e_k,    e_k normal

a_k and b_k have a normal prior and e_k's variance an inverse gamma prior (Bayesian linear
regression; Bishop 2006, "Pattern Recognition and Machine Learning", sec. 3.3), and all trainings
that came as far as segment k inform them, finished or not. The final value is u plus all changes
that are still to come.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser.models.warp import ABOVE, LARGEST, Warp
from spearmint.optimiser.space import Array

#: Prior of a segment's change: how much of the last change it repeats, and its uncertainty.
REPEATS, REPEATS_DEVIATION = 0.5, 0.3
#: Standard deviation of the prior of a_k, relative to that of u.
OFFSET_DEVIATION = 0.3
#: Prior of the standard deviation of e_k, relative to that of u, and its weight in observations.
SHOCK, SHOCK_WEIGHT = 0.3, 3.0
#: How often the weights and the variance are estimated in turn.
ROUNDS = 3
#: A training has come to a share if it has done this part of it: epochs are whole.
REACHED = 0.75
#: Smallest standard deviation of u, so that one curve alone has a scale.
SMALLEST = 0.05


def shares(segments: int) -> list[float]:
    """The share of the training after each segment: doubling up to 1."""
    return [2.0 ** (k + 1 - segments) for k in range(segments)]


def next_share(progress: float, segments: int) -> float:
    """The share up to which a training continues that has come to `progress`."""
    return next((share for share in shares(segments) if share > progress + 1e-9), 1.0)


def segments_left(progress: float) -> int:
    """How many segments follow after the share `progress` of a training, above 0."""
    return max(math.ceil(-math.log2(progress) - 1e-9), 0)


@dataclass(frozen=True, slots=True)
class Curve:
    """What is known of one training.

    Attributes:
        points: Shares in (0, 1], increasing, and values, lower is better; shape (m, 2).
        final: The result of the whole training; None if it is unfinished.
    """

    points: Array
    final: float | None = None

    @classmethod
    def of(cls, stored: Sequence[Sequence[float]] | None, final: float | None = None) -> Curve:
        """The curve in a job's document; NaN and huge values count as infinite."""
        table = [(float(s), np.inf if v is None else float(v)) for s, v in stored or ()]
        points = np.array(sorted(table), dtype=float).reshape(-1, 2)
        points[~(np.abs(points[:, 1]) < LARGEST), 1] = np.inf
        return cls(points, final)

    @property
    def is_finite(self) -> bool:
        """Whether its last value is a finite number."""
        return bool(len(self.points)) and bool(np.isfinite(self.points[-1, 1]))

    def at(self, shares: Array) -> Array:
        """The values after shares of the training, shape (S,); NaN where it has not come so far.

        Trainings stop after whole epochs, so a value counts that is nearest to a share.
        """
        if not len(self.points):
            found = np.full(len(shares), np.nan)
        else:
            logs = np.log(self.points[:, 0])
            nearest = np.abs(np.log(shares)[:, None] - logs).argmin(axis=1)
            found = np.where(logs[-1] >= np.log(REACHED * shares), self.points[nearest, 1], np.nan)
        if self.final is None:
            return found
        return np.where(shares < 1.0, found, self.final)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The final value that is expected of an unfinished training.

    Attributes:
        value: Its median.
        low: Its 16 % quantile.
        high: Its 84 % quantile.
    """

    value: float
    low: float
    high: float


class CurveModel:
    """Predicts final values.

    Args:
        curves: All trainings.
        segments: S, the number of segments of a training.
    """

    def __init__(self, curves: Sequence[Curve], segments: int) -> None:
        self.shares = np.array(shares(segments))
        table = self._table(curves)
        self.warp = _warp(table)
        u = self.warp(table)
        latest = u[np.arange(len(u)), _last(u)]
        latest = latest[np.isfinite(latest)]
        self.deviation = max(float(np.std(latest)) if len(latest) > 1 else 0.0, SMALLEST)
        self.steps = [self._step(u, k) for k in range(1, segments)]

    def _table(self, curves: Sequence[Curve]) -> Array:
        """The values of curves after each segment, shape (n, S); NaN where there is none."""
        table = np.array([curve.at(self.shares) for curve in curves], dtype=float)
        return np.where(np.isinf(table), np.nan, table).reshape(len(curves), len(self.shares))

    def _step(self, u: Array, k: int) -> _Step:
        """The regression of the change in segment k."""
        before = u[:, k - 1] - u[:, k - 2] if k > 1 else np.zeros(len(u))
        change = u[:, k] - u[:, k - 1]
        known = np.isfinite(change) & np.isfinite(before)
        return _Step.fit(before[known], change[known], self.deviation)

    def forecasts(self, curves: Sequence[Curve]) -> list[Forecast | None]:
        """The final values of trainings; None if nothing is known of one, or it has diverged."""
        mean, deviation = self.ahead(curves)
        known = np.isfinite(mean)
        centre = np.where(known, mean, 0.0)
        low, value, high = self.warp.inverse(centre + deviation * np.array([[-1.0], [0.0], [1.0]]))
        return [
            Forecast(*map(float, quantiles)) if is_known else None
            for *quantiles, is_known in zip(value, low, high, known, strict=True)
        ]

    def ahead(self, curves: Sequence[Curve | None]) -> tuple[Array, Array]:
        """Means and standard deviations of the final u of n trainings, shape (n,) each.

        The mean is inf for one that has diverged, or of which nothing is known.
        """
        u = self.warp(self._table([curve or Curve.of(None) for curve in curves]))
        last = _last(u)
        mean, deviation = np.full(len(u), np.inf), np.zeros(len(u))
        for k in np.unique(last):
            rows = np.flatnonzero((last == k) & [c is not None and c.is_finite for c in curves])
            rows = rows[np.isfinite(u[rows, k])]
            change = u[rows, k] - u[rows, k - 1] if k else np.zeros(len(rows))
            change = np.where(np.isnan(change), 0.0, change)
            mean[rows], deviation[rows] = self._ahead(int(k), u[rows, k], change)
        return mean, deviation

    def _ahead(self, k: int, u: Array, change: Array) -> tuple[Array, Array]:
        """Means and standard deviations of the final u of trainings that have done segment k.

        Args:
            k: The segment.
            u: The last values, shape (n,).
            change: The last changes, shape (n,).
        """
        steps = self.steps[k:]
        mean, variance = u.copy(), np.zeros(len(u))
        for j, step in enumerate(steps):
            change, spread = step.predict(change)
            mean += change
            # What happens in this segment continues in the later ones.
            goes_on = np.cumprod([1.0, *(later.weights[1] for later in steps[j + 1 :])]).sum()
            variance += spread * float(goes_on) ** 2
        return mean, np.sqrt(variance)


@dataclass(frozen=True, slots=True)
class _Step:
    """The posterior of a_k and b_k, and the variance of e_k.

    Attributes:
        weights: Their means, shape (2,).
        covariance: Shape (2, 2).
        shock: The variance of e_k.
    """

    weights: Array
    covariance: Array
    shock: float

    @classmethod
    def fit(cls, before: Array, change: Array, deviation: float) -> _Step:
        """The posterior given n changes and those before them, shape (n,) each."""
        shock = (SHOCK * deviation) ** 2
        prior = np.array([0.0, REPEATS])
        precision = np.diag([(OFFSET_DEVIATION * deviation) ** -2.0, REPEATS_DEVIATION**-2.0])
        rows = np.column_stack([np.ones(len(before)), before])
        weights, covariance = prior, np.zeros((2, 2))
        for _ in range(ROUNDS):  # weights given the variance, and the variance given the weights
            covariance = np.asarray(np.linalg.inv(precision + rows.T @ rows / shock), dtype=float)
            weights = covariance @ (precision @ prior + rows.T @ change / shock)
            residual = change - rows @ weights
            used = float(np.sum((rows @ covariance) * rows) / shock)  # degrees of freedom
            total = SHOCK_WEIGHT * (SHOCK * deviation) ** 2 + float(residual @ residual)
            shock = total / (SHOCK_WEIGHT + max(len(change) - used, 0.0))
        return cls(weights, covariance, shock)

    def predict(self, before: Array) -> tuple[Array, Array]:
        """Means and variances of the changes that follow changes, shape (n,) each."""
        rows = np.column_stack([np.ones(len(before)), before])
        variance = np.sum((rows @ self.covariance) * rows, axis=1) + self.shock
        return rows @ self.weights, variance


def _last(u: Array) -> NDArray[np.intp]:
    """The last column of each row that is not NaN, shape (n,); 0 if there is none."""
    found: NDArray[np.intp] = np.where(np.isnan(u), 0, np.arange(u.shape[1])).max(axis=1, initial=0)
    return found


def _warp(table: Array) -> Warp:
    """The map of values to u, for the values of all curves."""
    known = table[np.isfinite(table)]
    if not len(known):
        return Warp(ABOVE)
    low = float(known.min())
    latest = table[np.arange(len(table)), _last(table)]
    scale = float(np.nanmedian(latest)) - low
    if not scale > 1e-9 * max(abs(low), 1e-300):
        scale = float(np.median(known)) - low
    # By a smaller scale, the quotient of two values may be too large for a number.
    return Warp(ABOVE, low, scale if scale > 1e-200 else max(abs(low), 1e-9))


def curve_of(job: Mapping[str, Any], objective: str) -> Curve | None:
    """The curve of a job that was paused once; None if it has none or failed.

    Args:
        job: A job's document.
        objective: Name of the objective.
    """
    stored, status = job.get("curve"), job.get("status")
    if not stored or status == "broken":
        return None
    if status != "complete":
        return Curve.of(stored)
    values = job.get("values")
    final = values.get(objective) if isinstance(values, Mapping) else values
    if final is None or not np.isfinite(float(final)):
        return None  # ended for another reason than its curve
    return Curve.of(stored, float(final))


def forecasts(
    jobs: Sequence[Mapping[str, Any]], objective: str, segments: int
) -> dict[int, Forecast]:
    """The final values that are expected of unfinished trainings, by job id.

    Args:
        jobs: Documents with any status.
        objective: Name of the objective.
        segments: The number of segments of a training.
    """
    curves = {job["id"]: c for job in jobs if (c := curve_of(job, objective)) is not None}
    unfinished = [job_id for job_id, curve in curves.items() if curve.final is None]
    model = CurveModel(list(curves.values()), segments)
    found = model.forecasts([curves[job_id] for job_id in unfinished])
    return {i: one for i, one in zip(unfinished, found, strict=True) if one is not None}


def foresee(
    jobs: Sequence[Mapping[str, Any]],
    forecasts: Mapping[int, Forecast],
    table: Array,
    failed: Array,
) -> Array | None:
    """Enters forecasts into the values of jobs; returns `Observations.interval`.

    Args:
        jobs: The n jobs.
        forecasts: By job id.
        table: Their values, shape (n, T); changed.
        failed: `Observations.failed`, shape (n,); changed.
    """
    if not forecasts:
        return None
    interval = np.full((len(jobs), 2), np.nan)
    for row, job in enumerate(jobs):
        found = forecasts.get(job.get("id", 0))
        if found is not None:
            table[row, 0], failed[row] = found.value, np.nan
            interval[row] = found.low, found.high
    return interval
