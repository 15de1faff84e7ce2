"""A constraint with a prior mean: predictions from elsewhere, which its observations correct.

Something besides the search may predict a constraint's value at a point, as a mean m and a standard
deviation s. Of the jobs that had a prediction before they ran, the residuals (y - m) / s are known,
and a Gaussian process over the points models them. A constraint at another point is then m + s r,
with r of that process: m is its prior mean (Rasmussen & Williams 2006, sec. 2.7). So observations
correct a prediction that is wrong everywhere, or in a part of the space, and a spread that is
stated too small or too large.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtr

from spearmint.config import Task
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.fit import Data, fit
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.surrogate import Surrogate
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.models.warp import PLAIN, Warp
from spearmint.optimiser.space import Array

#: Fewer residuals than this say nothing: predictions are taken as they are.
LEAST = 4
#: The stated standard deviation counts as much as so many residuals.
STATED = 4.0
#: Larger residuals count as this one.
LARGEST = 20.0
#: A standard deviation below this share of the mean, or below this number, counts as that.
SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class PriorMean:
    """The predictions of one constraint, and the model of their residuals.

    Attributes:
        task: The constraint.
        model: Of the residuals; None if there are fewer than `LEAST`.
        posterior: Its posterior; None without a model.
    """

    task: Task
    model: TaskModel | None = None
    posterior: Surrogate | None = None

    @classmethod
    def fit(
        cls,
        features: Features,
        task: Task,
        rows: Array,
        values: Array,
        predictions: Array,
        hypers: Mapping[str, Any],
    ) -> PriorMean:
        """Models the residuals of n observations.

        Args:
            features: Features of the space.
            task: The constraint.
            rows: Features of the points, shape (n, F).
            values: The constraint's values there, shape (n,); NaN if there is none.
            predictions: Means and standard deviations that were predicted before, shape (n, 2);
                NaN if there was no prediction.
            hypers: `TaskModel.hypers` of earlier fits by task, so that a fit is not repeated.
        """
        mean, spread = _checked(predictions)
        residuals = np.clip((values - mean) / spread, -LARGEST, LARGEST)
        index = np.flatnonzero(~np.isnan(residuals))
        if len(index) < LEAST:
            return cls(task)
        # No bound is at 0 here: residuals are modelled as the values of an objective are.
        plain = replace(task, objective=True, likelihood="GAUSSIAN")
        (model,) = fit(features, [Data(plain, index, rows[index], residuals[index])], hypers)
        nothing, rng = rows[:0], np.random.default_rng(0)
        posterior, _ = condition(features, [model], nothing, 1, rng, noise_free=False)
        return cls(task, model, posterior)

    def quantiles(self, points: Array, predictions: Array) -> tuple[Array, Array, Array]:
        """The constraint's values one standard deviation below its median, there, and above.

        Args:
            points: Features, shape (m, F).
            predictions: Shape (m, 2).

        Returns:
            Three arrays of shape (m,).
        """
        mean, spread = _checked(predictions)
        warp, centre, deviation, _ = self._residuals(points)
        low, middle, high = (
            mean + spread * warp.inverse(centre + side * deviation) for side in (-1.0, 0.0, 1.0)
        )
        return low, middle, high

    def probability(self, points: Array, predictions: Array) -> Array:
        """Probabilities that the constraint is met, shape (m,); see `quantiles`.

        A point is given up by this number, so that it is careful: the spread is at least the stated
        one. (The residuals may be of earlier predictions, whose stated spread was too large.)
        """
        mean, spread = _checked(predictions)
        warp, centre, deviation, stated = self._residuals(points)
        needed = np.clip(-mean / spread, -1e6, 1e6)
        found: Array = ndtr((centre - warp(needed)) / np.maximum(deviation, stated))
        return found

    def _residuals(self, points: Array) -> tuple[Warp, Array, Array, Array]:
        """The residuals' warp; means, deviations and stated deviations after it, (m,) each."""
        if self.model is None or self.posterior is None or self.model.warp is None:
            return Warp(PLAIN), np.zeros(len(points)), np.ones(len(points)), np.ones(len(points))
        means, variances = self.posterior.predict(points)
        centre, warp = means[0, :, 0], self.model.warp
        middle = warp.inverse(centre)
        stated = 0.5 * (warp(middle + 1.0) - warp(middle - 1.0))
        count = len(self.model.index)
        variance = count * (variances[0] + self.model.noise) + STATED * stated**2
        return warp, centre, np.sqrt(variance / (count + STATED)), stated


def _checked(predictions: Array) -> tuple[Array, Array]:
    """Means and positive standard deviations, shape (m,) each."""
    mean = predictions[:, 0]
    return mean, np.maximum(predictions[:, 1], SMALLEST * np.maximum(np.abs(mean), 1.0))
