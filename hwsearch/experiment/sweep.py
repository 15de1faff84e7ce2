"""Several budgets of one metric in one run, which reuses every training for each of them.

The loosest budget comes first: what is rejected under it is rejected under all, and what was
trained under it counts under the tighter ones too. Each budget has the same share of the limits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hwsearch import budget
from hwsearch.budget import AtLeast, Bound
from hwsearch.experiment.settings import Settings


@dataclass(frozen=True, slots=True)
class Sweep:
    """The budgets of a run.

    Attributes:
        metric: What is bounded.
        bounds: The bounds, the loosest first.
        stage: The place of the bound that the search has now.
    """

    metric: str
    bounds: tuple[Bound, ...]
    stage: int

    @classmethod
    def of(cls, settings: Settings) -> Sweep | None:
        """That of a run; None if it has one budget."""
        for name, entries in settings.sweep.items():
            bounds = tuple(map(budget.from_json, entries))
            now = settings.constraints.get(name)
            return cls(name, bounds, bounds.index(now) if now in bounds else len(bounds) - 1)
        return None

    @property
    def is_last(self) -> bool:
        """Whether no tighter budget follows."""
        return self.stage == len(self.bounds) - 1

    @property
    def left(self) -> int:
        """How many budgets are not searched to their end, the present one among them."""
        return len(self.bounds) - self.stage

    def jobs(self, most: int) -> int:
        """How many of the jobs of a run may have been used up when this budget's search ends."""
        return math.ceil(most * (self.stage + 1) / len(self.bounds))

    def seconds(self, most: float) -> float:
        """This budget's part of the seconds that a start of the run has for those that are left."""
        return most / self.left


def following(settings: Settings) -> Settings | None:
    """The settings with the next budget of a sweep; None if there is none."""
    sweep = Sweep.of(settings)
    if sweep is None or sweep.is_last:
        return None
    return replace(
        settings,
        constraints={**settings.constraints, sweep.metric: sweep.bounds[sweep.stage + 1]},
        former_constraints=[*settings.former_constraints, settings.to_json()["constraints"]],
    )


def searched(settings: Settings) -> list[Settings]:
    """The settings with each budget that has been searched; of a run without sweep, its own."""
    sweep = Sweep.of(settings)
    if sweep is None:
        return [settings]
    return [
        replace(settings, constraints={**settings.constraints, sweep.metric: bound})
        for bound in sweep.bounds[: sweep.stage + 1]
    ]


def loosest_first(bounds: list[Bound]) -> list[Bound]:
    """Bounds in the order in which they are searched."""
    tight_low = not any(isinstance(bound, AtLeast) for bound in bounds)
    return sorted(bounds, key=budget.limit, reverse=tight_low)
