"""The initial design: the points of a Sobol sequence, until models suggest points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from spearmint.optimiser.candidates import design, untried
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import Observations
from spearmint.optimiser.recommendation import probability_met
from spearmint.optimiser.space import Array, Space
from spearmint.optimiser.tried import Tried

#: Number of points from which one is chosen while every job fails, or where time is short.
AHEAD = 64


def default_size(dimension: int) -> int:
    """Number of jobs of the initial design in a space of so many dimensions."""
    return min(max(4, dimension + 1), 10)


@dataclass(frozen=True, slots=True)
class InitialDesign:
    """The points of the initial design.

    Attributes:
        space: The searched space.
        seed: Seed of the sequence.
        given: Number of jobs that the user asked for; 0 chooses it by the dimension.
    """

    space: Space
    seed: int
    given: int = 0

    @property
    def size(self) -> int:
        """Number of jobs of the whole design."""
        return self.given or default_size(self.space.dimension)

    def ends_after(self, known: Observations) -> int:
        """Number of jobs after which the models take over.

        Half of the design if no point of it meets the constraints: the models then find such a
        point sooner than a design that does not use what is known.
        """
        if len(known.codes) and not known.feasible.any() and not self.given:
            return min(self.size, max(4, self.size // 2))
        return self.size

    def point(
        self,
        known: Observations,
        rng: np.random.Generator,
        instead: Callable[[Array], Array] | None = None,
    ) -> Array:
        """The codes, shape (A,), of the next point; a random one if that point has a job.

        Args:
            known: All observations.
            rng: Random numbers.
            instead: Gives another point for one of the sequence.
        """
        point: Array = design(self.space, known.count + 1, self.seed)[known.count]
        if instead is not None:
            point = instead(point)
        if self.space.same(point[None], known.tried)[0]:
            return untried(self.space, known.tried, rng)
        return point

    def ahead(self, known: Observations) -> Array:
        """The next points that have no job, shape (k, A), at most `AHEAD`."""
        points = design(self.space, known.count + AHEAD, self.seed)[known.count :]
        return points[~Tried(self.space, known.tried).has(points)]

    def likely_point(
        self,
        features: Features,
        known: Observations,
        constraints: Sequence[TaskModel],
        rng: np.random.Generator,
    ) -> Array:
        """The codes, shape (A,), of the next point that probably meets the constraints.

        Args:
            features: Features of the space.
            known: All observations.
            constraints: At least one model.
            rng: Random numbers.
        """
        ahead = self.ahead(known)
        if not len(ahead):
            return untried(self.space, known.tried, rng)
        probability = probability_met(features, constraints, ahead, rng)
        likely = np.flatnonzero(probability >= 0.5)
        point: Array = ahead[likely[0] if len(likely) else int(np.argmax(probability))]
        return point


def are_met(known: Observations, models: Sequence[TaskModel]) -> bool:
    """Whether a job in the searched space meets the constraints that have these models."""
    met = known.inside.copy()
    for model in models:
        if not model.task.objective:
            here = np.zeros(len(met), dtype=np.bool_)
            here[model.index] = known.met_by(model.task, model.index)
            met &= here
    return bool(met.any())
