"""Choosers that draw points at random, and may keep those that the constraints' models expect."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spearmint.choosers import default_chooser
from spearmint.choosers.chooser import Chooser
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.config import Problem
from spearmint.optimiser.candidates import check_not_exhausted, untried
from spearmint.optimiser.job_values import Job
from spearmint.optimiser.observations import Observations
from spearmint.optimiser.recommendation import Best
from spearmint.optimiser.space import Array, Params, Space
from spearmint.optimiser.tried import Tried

#: Number of points that are drawn to find one that is expected to meet the constraints.
DRAWS = 256
#: Probability of meeting all constraints that a point has to have.
LIKELY = 0.5


class DrawingChooser(Chooser):
    """Takes the first drawn point that has no job.

    Args:
        problem: The search space and the tasks.
        seed: Any integer.
        aware: Whether that point has to meet all constraints with the probability `LIKELY`, by the
            models of `default_chooser`. If no drawn point does, each is taken with a chance in
            proportion to this probability: the most probable one may be far from all jobs merely
            because nothing is known there. False: the constraints are ignored.
    """

    def __init__(self, problem: Problem, seed: int, *, aware: bool) -> None:
        super().__init__(problem, seed)
        self.aware = aware
        defaults = {name: entry.default for name, entry in default_chooser.ARGUMENTS.items()}
        self._models = DefaultChooser(problem, seed, defaults)

    @abc.abstractmethod
    def draw(self, known: Observations, count: int, rng: np.random.Generator) -> Array:
        """At least 1 and at most `count` random points that have no job, shape (k, A).

        Args:
            known: The observations; without constraints if they are to be ignored.
            count: At least 1.
            rng: Random numbers.
        """

    def suggest(self, jobs: Sequence[Job]) -> Params:
        """The next first point, or a random point that has no job."""
        known = self.observe(jobs)
        first = self.first_point(known)
        if first is not None:
            return first
        check_not_exhausted(self.space, known.tried)
        rng = self.rng(known.count)
        if not self.aware:
            return self.space.decode(self.draw(known.without_constraints(), 1, rng)[0])
        points = self.draw(known, DRAWS, rng)
        logs = self._models.log_probability_met(known, points, rng)
        if logs is None:
            return self.space.decode(points[0])
        likely = np.flatnonzero(logs >= np.log(LIKELY))
        if len(likely):
            return self.space.decode(points[likely[0]])
        share = np.exp(logs - logs.max())
        return self.space.decode(points[rng.choice(len(points), p=share / share.sum())])

    def best(self, jobs: Sequence[Job]) -> Best | None:  # noqa: ARG002 - there is no model
        """None: the objective has no model."""
        return None

    def hypers(self) -> dict[str, Any]:
        """The fits of the constraints' models; see `Chooser`."""
        return self._models.hypers()

    def load_hypers(self, hypers: Mapping[str, Any]) -> None:
        """Restores fits; see `Chooser`."""
        self._models.load_hypers(hypers)


def uniform(space: Space, tried: Array, count: int, rng: np.random.Generator) -> Array:
    """At least 1 and at most `count` uniformly random points, shape (k, A), not in `tried`."""
    if count > 1:
        draws = space.snap(rng.random((count, space.dimension)))
        fresh = draws[~Tried(space, tried).has(draws)]
        if len(fresh):
            return fresh
    return untried(space, tried, rng)[None]
