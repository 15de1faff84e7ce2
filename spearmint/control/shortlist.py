"""The candidates for one job, and what a check has said about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spearmint.checking.answers import kind_of
from spearmint.checking.checker import Verdict
from spearmint.optimiser.rating import Rate, Rating

#: A point that meets its predicted constraints with a smaller probability becomes no job.
UNLIKELY = 0.01


@dataclass(slots=True)
class Shortlist:
    """The candidates, the best first by what the chooser's models know.

    The best one by what is known so far is checked, until the best one has been: a check takes
    about as long as building a network, and jobs may have to wait for it.

    As long as a candidate is not checked, it is rated by the predictions of one that was and that
    has the same whole numbers and choices. Continuous variables, such as a learning rate, seldom
    change what a network costs. This guess only orders the candidates: none becomes a job, or is
    discarded, without a check of its own; but see `spearmint.checking.answers`.

    Attributes:
        job_id: The job that one of them becomes.
        points: The candidates.
        rate: Rates them by what is predicted of them.
        asked: The place of the one that is being checked.
        verdicts: Of those that were checked, by place.
        left: Places of those that were not discarded.
    """

    job_id: int
    points: Sequence[Mapping[str, Any]]
    rate: Rate
    asked: int = 0
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    left: list[int] = field(init=False)
    _kinds: list[str] = field(init=False)  # of the candidates: their discrete values

    def __post_init__(self) -> None:
        self.left = list(range(len(self.points)))
        self._kinds = [kind_of(point) for point in self.points]

    @property
    def is_predicted(self) -> bool:
        """Whether something is predicted of a candidate."""
        return any(one.predictions for one in self.verdicts.values())

    def rated(self) -> list[tuple[int, Rating]]:
        """Places and ratings of the candidates that are left."""
        if not self.left:
            return []
        alike = {self._kinds[place]: one.predictions for place, one in self.verdicts.items()}
        predicted = [
            self.verdicts[place].predictions
            if place in self.verdicts
            else alike.get(self._kinds[place]) or None
            for place in self.left
        ]
        ratings = self.rate([self.points[place] for place in self.left], predicted)
        return list(zip(self.left, ratings, strict=True))
