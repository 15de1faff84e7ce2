"""The models of all tasks, fitted to the jobs of a search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spearmint.config import Task
from spearmint.optimiser.models.fit import Data, fit
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import FAILURE, Observations
from spearmint.optimiser.space import Array


@dataclass(slots=True)
class Fits:
    """Fits the models; a task whose data are the same is not fitted again.

    Attributes:
        hypers: `TaskModel.hypers` of the latest fit, by task.
    """

    hypers: dict[str, Any] = field(default_factory=dict)

    def models(self, features: Features, known: Observations) -> list[TaskModel]:
        """One model for each task that has an observation, the objectives' first.

        If a job has failed, `FAILURE` is a further task, and its model is the last.

        Args:
            features: Features of the space of `known`.
            known: The observations.
        """
        rows = features.of(known.codes)
        columns = dict(zip(known.tasks, known.values.T, strict=True))
        if np.any(known.failed == 1.0):
            columns[FAILURE] = 1.0 - known.failed
        tasks = []
        for task, y in columns.items():
            index = np.flatnonzero(~np.isnan(y))
            if len(index):
                tasks.append(Data(task, index, rows[index], y[index], _interval(known, task)))
        models = fit(features, tasks, self.hypers)
        self.hypers = {model.task.name: model.hypers for model in models}
        return models


def _interval(known: Observations, task: Task) -> Array | None:
    """The quantiles of the objective's values if some are forecasts, shape (k, 2); else None."""
    if known.interval is None or task is not known.tasks[0]:
        return None
    values = np.where(known.foreseen[:, None], known.interval, known.values[:, :1])
    found: Array = values[~np.isnan(known.values[:, 0])]
    return found
