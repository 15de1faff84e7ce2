"""Rates points at which constraints are predicted: by what a job there would be worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser import blas_threads
from spearmint.optimiser.acquisition import ConstrainedImprovement
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.prior_mean import PriorMean
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import Observations, predictions
from spearmint.optimiser.per_second import PerSecond
from spearmint.optimiser.space import Array

#: How far above its threshold, in its model's z, a constraint is that is assumed to be met.
FAR = 1e3
#: Where nothing is predicted yet, how much the acquisition function with met constraints counts
#: beside that with the constraints' own models. 1 predicts every point that may turn out to be the
#: best one, 0 only those that already seem to be. On a table of 720 networks and predictions with
#: errors of 6 to 25 %, 0.5 needs half of the predictions of 1 and no more jobs than either.
HOPE = 0.5


@dataclass(frozen=True, slots=True)
class Rating:
    """What is expected of a point.

    Attributes:
        met: Probability that each predicted constraint is met, by name.
        expected: The expected value (the median) of each.
        spread: The standard deviation of each.
        value: The acquisition function with these predictions; 0 without one.
    """

    met: Mapping[str, float] = field(default_factory=dict)
    expected: Mapping[str, float] = field(default_factory=dict)
    spread: Mapping[str, float] = field(default_factory=dict)
    value: float = 0.0

    def broken(self, least: float) -> dict[str, float]:
        """Expected values of the constraints that are met with a smaller probability than this."""
        return {name: self.expected[name] for name, p in self.met.items() if p < least}


@dataclass(frozen=True, slots=True)
class Constraints:
    """Predictions of the constraints at m points, and their corrections.

    Attributes:
        predicted: Means and standard deviations, shape (m, T, 2), NaN where there is none.
        unknown: Points of which nothing is predicted yet, shape (m,).
        prior_means: Of the tasks that are predicted at some point, by their column.
    """

    predicted: Array
    unknown: NDArray[np.bool_]
    prior_means: Mapping[int, PriorMean]

    @classmethod
    def fit(
        cls,
        features: Features,
        known: Observations,
        predicted: Array,
        unknown: NDArray[np.bool_],
        hypers: Mapping[str, Any],
    ) -> Constraints:
        """Corrects predictions by the observations that were predicted too.

        Args:
            features: Features of the space.
            known: The observations.
            predicted: See above.
            unknown: See above.
            hypers: Fits of the residuals so far, by task.
        """
        rows = features.of(known.codes)
        columns = [
            column
            for column, task in enumerate(known.tasks)
            if not task.objective and not np.isnan(predicted[:, column]).all()
        ]
        return cls(
            predicted,
            unknown,
            {
                column: PriorMean.fit(
                    features,
                    known.tasks[column],
                    rows,
                    known.values[:, column],
                    known.predicted[:, column],
                    hypers,
                )
                for column in columns
            },
        )

    @property
    def hypers(self) -> dict[str, Any]:
        """The fits of the residuals, by task."""
        found = self.prior_means.values()
        return {one.task.name: one.model.hypers for one in found if one.model is not None}

    def ratings(self, points: Array) -> list[Rating]:
        """Ratings without values of the m points with these features, shape (m, F)."""
        met: list[dict[str, float]] = [{} for _ in points]
        expected: list[dict[str, float]] = [{} for _ in points]
        spread: list[dict[str, float]] = [{} for _ in points]
        for column, prior in self.prior_means.items():
            there = np.flatnonzero(~np.isnan(self.predicted[:, column, 0]))
            pairs = self.predicted[there, column]
            probability = prior.probability(points[there], pairs)
            low, middle, high = prior.quantiles(points[there], pairs)
            for row, place in enumerate(there.tolist()):
                met[place][prior.task.name] = float(probability[row])
                expected[place][prior.task.name] = float(middle[row])
                spread[place][prior.task.name] = float(0.5 * (high[row] - low[row]))
        return [Rating(*parts) for parts in zip(met, expected, spread, strict=True)]

    def replaced(self, models: Sequence[TaskModel], points: Array) -> tuple[Array, Array]:
        """The predictions as those of the constraints' own models, for the acquisition function.

        Args:
            models: R models of tasks.
            points: Features, shape (m, F).

        Returns:
            Means and standard deviations of their z, shape (R, m) each; NaN without a prediction.
        """
        names = {prior.task.name: column for column, prior in self.prior_means.items()}
        means = np.full((len(models), len(points)), np.nan)
        deviations = np.full_like(means, np.nan)
        for r, model in enumerate(models):
            column = names.get(model.task.name)
            if column is None or model.warp is None:
                continue
            there = np.flatnonzero(~np.isnan(self.predicted[:, column, 0]))
            quantiles = self.prior_means[column].quantiles(
                points[there], self.predicted[there, column]
            )
            low, middle, high = (model.warp(one) for one in quantiles)
            means[r, there] = middle
            deviations[r, there] = np.maximum(0.5 * (high - low), 1e-9)
        return means, deviations

    def met(
        self, models: Sequence[TaskModel], means: Array, deviations: Array
    ) -> tuple[Array, Array]:
        """What `replaced` returns, if all that is predicted elsewhere is met at unknown points."""
        means, deviations = means.copy(), deviations.copy()
        for r, model in enumerate(models):
            if not np.isnan(means[r]).all():
                means[r, self.unknown], deviations[r, self.unknown] = model.threshold + FAR, 1e-9
        return means, deviations


#: Rates points, of which something is predicted or not (None), by what a job there would be worth.
Rate = Callable[
    [Sequence[Mapping[str, Any]], Sequence[Mapping[str, Sequence[float]] | None]], list[Rating]
]
#: The models of the tasks, and the acquisition function made of them.
Models = tuple[Sequence[TaskModel], ConstrainedImprovement | PerSecond]


@dataclass(slots=True)
class Rater:
    """Rates points by what is predicted there, and by the same jobs at each call.

    Args:
        features: Features of the space.
        known: The jobs.
        hypers: Fits of the residuals so far, by task; those of this rater are added.
        make_models: Called at most once, when points have to be compared; None if they are equally
            valuable.
    """

    features: Features
    known: Observations
    hypers: dict[str, Any]
    make_models: Callable[[], Models] | None = None
    _models: Models | None = field(default=None, init=False)

    def __call__(
        self,
        points: Sequence[Mapping[str, Any]],
        predicted: Sequence[Mapping[str, Sequence[float]] | None],
    ) -> list[Rating]:
        """One rating per point: see `spearmint.choosers.Chooser.rate`."""
        with blas_threads.one():
            wide = self.known.wide
            rows = self.features.of(wide.encode_all(points, lambda row: f"candidate {row + 1}"))
            table = predictions(self.known.tasks, predicted)
            unknown = np.array([one is None for one in predicted], dtype=bool)
            constraints = Constraints.fit(self.features, self.known, table, unknown, self.hypers)
            self.hypers |= constraints.hypers
            ratings = constraints.ratings(rows)
            if self.make_models is None or len(points) == 1:  # nothing to compare it with
                return ratings
            if self._models is None:
                self._models = self.make_models()
            models, acquisition = self._models
            known = constraints.replaced(models, rows)
            values = acquisition.corrected(rows, *known)
            if unknown.any():
                most = acquisition.corrected(rows, *constraints.met(models, *known))
                values = np.where(unknown, HOPE * most + (1 - HOPE) * values, values)
            return [replace(one, value=float(v)) for one, v in zip(ratings, values, strict=True)]
