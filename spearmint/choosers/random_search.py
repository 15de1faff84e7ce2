"""Random search: uniform over the space, no point twice. It has no arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spearmint.choosers.chooser import Argument, Chooser
from spearmint.config import Problem
from spearmint.optimiser.candidates import untried
from spearmint.optimiser.observations import Job
from spearmint.optimiser.recommendation import Best
from spearmint.optimiser.space import Params

ARGUMENTS: dict[str, Argument] = {}


class RandomSearch(Chooser):
    """Draws every point from the uniform distribution."""

    def suggest(self, jobs: Sequence[Job]) -> Params:
        """The next first point, or a random point that has no job."""
        known = self.observe(jobs)
        first = self.first_point(known)
        if first is not None:
            return first
        return self.space.decode(untried(self.space, known.tried, self.rng(known.count)))

    def best(self, jobs: Sequence[Job]) -> Best | None:  # noqa: ARG002 - there is no model
        """None: random search has no model."""
        return None


def init(problem: Problem, seed: int, arguments: Mapping[str, Any]) -> RandomSearch:
    """The chooser of a problem."""
    del arguments
    return RandomSearch(problem, seed)
