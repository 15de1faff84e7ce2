"""How long jobs take, by what the finished ones took.

A job that violates a constraint may end before its objective is computed (a network over the budget
is measured, and not trained). The seconds of such jobs are summed up by their median. Those of
whole evaluations depend on the hyper-parameters: a Gaussian process models their logarithms (Snoek,
Larochelle & Adams 2012, "Practical Bayesian Optimization of Machine Learning Algorithms", NIPS,
sec. 3.2). A model that predicts no better than the mean is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import numpy as np

from spearmint.config import Task
from spearmint.optimiser.models import leave_one_out
from spearmint.optimiser.models.fit import Data, fit
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import Observations

#: The log of the seconds of a whole evaluation, as a task.
SECONDS = Task("(seconds)", objective=True)
#: With fewer whole evaluations, nothing is known of durations.
LEAST = 3
#: The same number of them, and the share of the variance that leaving each one out has to explain,
#: make a model count.
LEAST_MODELLED, LEAST_EXPLAINED = 6, 0.25
#: Sum of the squared deviations of z up to which all jobs take the same time.
LEAST_TOTAL = 1e-12
#: The latest evaluations, of which the model is made.
MOST = 250


@dataclass(frozen=True, slots=True)
class Time:
    """The time of a search.

    Attributes:
        limit_s: Seconds after which no job starts; inf for no limit.
        left_s: Seconds until then.
    """

    limit_s: float = inf
    left_s: float = inf

    @property
    def share(self) -> float:
        """The share of the time that is left, 0 to 1; 1 without a limit."""
        if not isfinite(self.limit_s):
            return 1.0
        return min(max(self.left_s / self.limit_s, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Durations:
    """The seconds that jobs take.

    Attributes:
        whole: Mean and standard deviation of the log seconds of whole evaluations.
        short: Median seconds of those that ended before the objective; None if there is none.
        model: The model of whole evaluations by their points; None if the mean is as good.
    """

    whole: tuple[float, float]
    short: float | None = None
    model: TaskModel | None = None

    @classmethod
    def fit(
        cls, features: Features, known: Observations, hypers: Mapping[str, Any]
    ) -> Durations | None:
        """What observations say.

        Args:
            features: Features of the space of `known`.
            known: The observations.
            hypers: `TaskModel.hypers` of earlier fits by task.

        Returns:
            None if there are fewer whole evaluations than `LEAST`.
        """
        timed = ~np.isnan(known.seconds)
        early = np.isnan(known.failed) & ~known.foreseen
        index = np.flatnonzero(timed & ~early)[-MOST:]
        if len(index) < LEAST:
            return None
        y = np.log(known.seconds[index])
        ended = known.seconds[timed & early]
        whole = (float(np.mean(y)), float(np.std(y, ddof=1)) * (1.0 + 1.0 / len(y)) ** 0.5)
        short = float(np.median(ended)) if len(ended) else None
        if len(index) < LEAST_MODELLED:
            return cls(whole, short)
        data = Data(SECONDS, index, features.of(known.codes[index]), y)
        (model,) = fit(features, [data], hypers)
        predicted, _ = leave_one_out.predictions(features, model)
        share = leave_one_out.explained(model.z, predicted, LEAST_TOTAL) or 0.0
        return cls(whole, short, model if share >= LEAST_EXPLAINED else None)
