"""The acquisition function per second.

A job at a point is expected to take

    (1 - P) short + P whole

with the probability P that all constraints are met, the seconds `short` of jobs that end before
their objective is computed, and the seconds `whole` of an evaluation there (`duration.py`). If no
job has ended early, P does not matter. The acquisition function is divided by these seconds:
expected improvement per second (Snoek, Larochelle & Adams 2012, "Practical Bayesian Optimization
of Machine Learning Algorithms", NIPS, sec. 3.2). If the time is limited, the exponent of the
divisor is the share of the time that is left, so that the most promising points come in the end,
at any price (Lee, Perrone, Archambeau & Seeger 2020, "Cost-Aware Bayesian Optimization");
and points that would take longer than what is left come after all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, log
from typing import Any

import numpy as np

from spearmint.errors import NoTimeError
from spearmint.optimiser import search
from spearmint.optimiser.acquisition import ConstrainedImprovement, log_met
from spearmint.optimiser.duration import SECONDS, Durations, Time
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.surrogate import Surrogate
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.models.warp import PLAIN, Warp
from spearmint.optimiser.observations import FAILURE, Observations
from spearmint.optimiser.search import Effort
from spearmint.optimiser.space import Array

#: Standard deviations from the median to the 80 % quantile of a normal distribution.
WIDTH_80 = 0.8416
#: Loss of log acquisition for each unit by which the log of the seconds exceeds what is left.
PENALTY = 1e3
#: The search of points leaves this part of the time that is left, so that its ends are in time.
MARGIN = 0.02
#: Number of candidates of which one has to be in time.
CANDIDATES = 64
#: Step of z for the slope of an inverse warp.
STEP = 1e-4


class Seconds:
    """Predicted seconds of evaluations, with derivatives, at features.

    Args:
        features: Features of the space.
        durations: What is known of the seconds.
        gate: Models of the constraints by which an evaluation ends early; those of the other
            tasks have no part in it.
    """

    def __init__(
        self, features: Features, durations: Durations, gate: Sequence[TaskModel] = ()
    ) -> None:
        self.durations = durations
        own = [] if durations.model is None else [durations.model]
        self.own = len(own)
        self.short = durations.short if gate else None
        used = own + (list(gate) if self.short is not None else [])
        self.surrogate: Surrogate | None = None
        if used:
            nothing, rng = np.zeros((0, len(features.group))), np.random.default_rng(0)
            self.surrogate, _ = condition(features, used, nothing, 1, rng, noise_free=False)

    def predict(self, points: Array) -> tuple[Array, Array]:
        """Means and variances of all models, shape (R, m) each, at features (m, F)."""
        if self.surrogate is None:
            return np.zeros((0, len(points))), np.zeros((0, len(points)))
        mean, variance = self.surrogate.predict(points)
        return mean[:, :, 0], variance

    def log_whole(self, mean: Array, variance: Array, width: float) -> tuple[Array, Array, Array]:
        """A quantile of the log seconds of whole evaluations.

        Args:
            mean: Of all models, as `predict` returns them, shape (R, m).
            variance: Theirs.
            width: Standard deviations from the median.

        Returns:
            The quantile, d/dmean and d/dvariance, shape (m,) each.
        """
        model = self.durations.model
        if model is None:
            centre, spread = self.durations.whole
            flat = np.full(mean.shape[1], centre + width * spread)
            return flat, np.zeros_like(flat), np.zeros_like(flat)
        warp = model.warp or Warp(PLAIN)
        deviation = np.sqrt(variance[0] + model.noise)
        z = mean[0] + width * deviation
        slope = (warp.inverse(z + STEP) - warp.inverse(z - STEP)) / (2 * STEP)
        return warp.inverse(z), slope, slope * width / (2 * deviation)

    def log_expected(self, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
        """The log of the expected seconds, shape (m,); d/dmean and d/dvariance, shape (R, m)."""
        by_mean, by_variance = np.zeros_like(mean), np.zeros_like(mean)
        logs, slope, _ = self.log_whole(mean, variance, 0.0)
        if self.short is None or self.surrogate is None:
            by_mean[: self.own] = slope
            return logs, by_mean, by_variance
        c = slice(self.own, None)
        met, met_by_mean, met_by_variance = log_met(
            mean[c],
            variance[c],
            self.surrogate.threshold[c, None],
            self.surrogate.extra[c, None],
        )
        chance, whole = np.exp(met.sum(axis=0)), np.exp(logs)
        seconds = (1.0 - chance) * self.short + chance * whole
        by_mean[: self.own] = chance * whole * slope / seconds
        by_chance = chance * (whole - self.short) / seconds
        by_mean[c], by_variance[c] = by_chance * met_by_mean, by_chance * met_by_variance
        return np.log(seconds), by_mean, by_variance

    def at_most(self, points: Array) -> Array:
        """The seconds within which whole evaluations end with 80 % probability, shape (m,)."""
        late: Array = np.exp(self.log_whole(*self.predict(points), WIDTH_80)[0])
        return late


class PerSecond:
    """An acquisition function, divided by the expected seconds.

    Args:
        acquisition: The log of the function.
        features: Features of the space.
        durations: What is known of the seconds.
        models: The R models of the tasks, as `acquisition` has them.
        time: The time that is left.
    """

    def __init__(
        self,
        acquisition: ConstrainedImprovement,
        features: Features,
        durations: Durations,
        models: Sequence[TaskModel],
        time: Time,
    ) -> None:
        self.acquisition = acquisition
        self.time = time
        self.gate = [
            row
            for row, model in enumerate(models)
            if not model.task.objective and model.task is not FAILURE
        ]
        self.seconds = Seconds(features, durations, [models[row] for row in self.gate])

    def __call__(self, points: Array) -> Array:
        """Values, shape (m,), at features (m, F)."""
        cost, _, _ = self._cost(*self.seconds.predict(points))
        return self.acquisition(points) - cost

    def corrected(self, points: Array, means: Array, deviations: Array) -> Array:
        """Values where more is known of some models; see `ConstrainedImprovement.corrected`."""
        mean, variance = self.seconds.predict(points)
        if self.seconds.short is not None:
            own = self.seconds.own
            better = ~np.isnan(means[self.gate])
            mean[own:] = np.where(better, means[self.gate], mean[own:])
            variance[own:] = np.where(better, deviations[self.gate] ** 2, variance[own:])
        cost, _, _ = self._cost(mean, variance)
        return self.acquisition.corrected(points, means, deviations) - cost

    def with_gradient(self, points: Array) -> tuple[Array, Array]:
        """Values, shape (m,), and gradients, shape (m, F)."""
        value, gradient = self.acquisition.with_gradient(points)
        if self.seconds.surrogate is None:
            return value - self._cost(*self.seconds.predict(points))[0], gradient
        mean, variance, backward = self.seconds.surrogate.with_gradient(points)
        cost, by_mean, by_variance = self._cost(mean[:, :, 0], variance)
        return value - cost, gradient - backward(by_mean[:, :, None], by_variance)

    def _cost(self, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
        """What is subtracted, shape (m,); d/dmean and d/dvariance, shape (R, m)."""
        share = self.time.share
        logs, by_mean, by_variance = self.seconds.log_expected(mean, variance)
        cost, by_mean, by_variance = share * logs, share * by_mean, share * by_variance
        if self.time.left_s == inf:
            return cost, by_mean, by_variance
        late, slope, bend = self.seconds.log_whole(mean, variance, WIDTH_80)
        excess = late - log(max(self.time.left_s, 1e-9)) + MARGIN
        own = slice(0, self.seconds.own)
        by_mean[own] += PENALTY * np.where(excess > 0, slope, 0.0)
        by_variance[own] += PENALTY * np.where(excess > 0, bend, 0.0)
        return cost + PENALTY * np.maximum(excess, 0.0), by_mean, by_variance


@dataclass(slots=True)
class Pace:
    """How the seconds of jobs count in a search.

    Args:
        counts: Whether they count at all.
    """

    counts: bool
    _hypers: dict[str, Any] = field(default_factory=dict, init=False)

    def known(self, features: Features, known: Observations) -> Durations | None:
        """What is known of the seconds; None if that is nothing, or does not count."""
        if not self.counts:
            return None
        durations = Durations.fit(features, known, self._hypers)
        if durations is not None and durations.model is not None:
            self._hypers = {SECONDS.name: durations.model.hypers}
        return durations

    def of(
        self,
        acquisition: ConstrainedImprovement,
        features: Features,
        known: Observations,
        models: Sequence[TaskModel],
        time: Time,
    ) -> ConstrainedImprovement | PerSecond:
        """An acquisition function, per second if seconds count."""
        durations = self.known(features, known)
        if durations is None:
            return acquisition
        return PerSecond(acquisition, features, durations, models, time)

    def timely(
        self, point: Array, others: Array, features: Features, known: Observations, time: Time
    ) -> Array:
        """A point, shape (A,), or the first of others, shape (m, A), that is in time.

        Args:
            point: The answer if time does not matter, or there are no others.
            others: The points in their order.
            features: Features of the space of `known`.
            known: The observations.
            time: The time that is left.

        Raises:
            NoTimeError: There is none.
        """
        durations = self.known(features, known) if time.left_s < inf and len(others) else None
        if durations is None:
            return point
        first: Array = _in_time(others, features, Seconds(features, durations), time)[0]
        return first


def ranked(
    features: Features,
    acquisition: ConstrainedImprovement | PerSecond,
    known: Observations,
    effort: Effort,
    rng: np.random.Generator,
    count: int,
) -> Array:
    """The best points found, without those that are not in time; see `search.ranked`.

    Raises:
        NoTimeError: None is in time.
    """
    if not isinstance(acquisition, PerSecond) or acquisition.time.left_s == inf:
        return search.ranked(features, acquisition, known, effort, rng, count)
    found = search.ranked(features, acquisition, known, effort, rng, max(count, CANDIDATES))
    return _in_time(found, features, acquisition.seconds, acquisition.time)[:count]


def _in_time(points: Array, features: Features, seconds: Seconds, time: Time) -> Array:
    """Those of some points, shape (m, A), at which an evaluation is expected to end in time."""
    late = seconds.at_most(features.of(points))
    fitting = points[late <= time.left_s]
    if not len(fitting):
        raise NoTimeError(
            f"no job is expected to end within the {time.left_s:.3g} s that are left: "
            f"the shortest takes up to {late.min():.3g} s"
        )
    return fitting
