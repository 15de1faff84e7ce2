"""The models of a search's jobs, as the default chooser fits them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from spearmint.config import Problem
from spearmint.config.records import OUTCOMES
from spearmint.optimiser.job_values import Job
from spearmint.optimiser.models.fit import Data, fit
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import Observations, observe
from spearmint.optimiser.space import Space
from spearmint.optimiser.thinning import thinned

#: Fewer observations of a task than this say nothing about it.
LEAST = 4


@dataclass(frozen=True, slots=True)
class Fitted:
    """The models of the tasks whose values are numbers, and what they were fitted to.

    Attributes:
        space: The search space.
        known: The observations.
        features: The features of their points.
        models: One for each task with at least `LEAST` values; outcomes (BINOMIAL, STEP) have none
            here.
        jobs: The id of each observation, shape (n,) as a list.
    """

    space: Space
    known: Observations
    features: Features
    models: list[TaskModel]
    jobs: list[Any]

    @classmethod
    def of(cls, problem: Problem, jobs: Sequence[Job], hypers: Mapping[str, Any]) -> Self:
        """Fits the models; a fit in `hypers` to the same values is used instead.

        Args:
            problem: The search space and the tasks.
            jobs: Job documents, as a chooser takes them.
            hypers: `Chooser.hypers` of the search; {} if there are none.

        Raises:
            UserError: A job does not belong to this space.
        """
        space = Space(problem.variables)
        everything = observe(problem.tasks, space, jobs)
        known = thinned(space, everything)
        features = Features(space, known.wide)
        rows = features.of(known.codes)
        tasks = []
        for task, y in zip(problem.tasks, known.values.T, strict=True):
            index = np.flatnonzero(~np.isnan(y))
            if len(index) >= LEAST and task.likelihood not in OUTCOMES:
                tasks.append(Data(task, index, rows[index], y[index]))
        models = fit(features, tasks, hypers) if tasks else []
        return cls(space, known, features, models, ids(jobs, everything, known))


def ids(jobs: Sequence[Job], everything: Observations, known: Observations) -> list[Any]:
    """The ids of the observations that were kept, in their order."""
    ended = [job for job in jobs if job.get("status") in {"complete", "broken"}]
    ids = [job.get("id") for job in sorted(ended, key=lambda job: job.get("id", 0))]
    if known is everything:
        return ids
    kept, at = [], 0
    for code, values in zip(known.codes, known.values, strict=True):
        while not (
            np.array_equal(everything.codes[at], code)
            and np.array_equal(everything.values[at], values, equal_nan=True)
        ):
            at += 1
        kept.append(ids[at])
        at += 1
    return kept
