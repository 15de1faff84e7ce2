"""What the flags of gener_experiment.py ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hwsearch.budget import Bound


@dataclass(slots=True)
class Request:
    """What the flags ask for.

    Attributes:
        experiment: The folder; "" with `list_meters`.
        constraints: Bounds by metric; NaN if a share is given instead.
        shares: Percentages of random networks by metric.
        given: Other settings by their name in `Settings`, only those that were given.
        resources_file: Where the `resources` in `given` were read from.
        database: The address, None = not given.
        resume: True = the latest run; a name; False = a fresh run.
        retry_broken: Run broken jobs again.
        plain: Print lines only, on a terminal too.
        json: Print the summary for programs, and nothing else, on standard output.
        list_meters: Only show what this machine can measure.
        profile: Networks to measure for hardware models, before anything else; None = none.
        learn_costs_from: The folders of experiments whose profiles inform these models.
    """

    experiment: str = ""
    constraints: dict[str, Bound] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    resources_file: str = ""
    database: str | None = None
    resume: bool | str = False
    retry_broken: bool = False
    plain: bool = False
    json: bool = False
    list_meters: bool = False
    profile: int | None = None
    learn_costs_from: list[str] = field(default_factory=list)

    @property
    def optimised(self) -> tuple[str, ...]:
        """The metrics that are optimised, as far as the flags say so; the first one first."""
        first = self.given.get("optimize")
        return (*([] if first is None else [first]), *self.given.get("further_objectives", {}))

    @property
    def only_profiles(self) -> bool:
        """Whether there is no search."""
        return self.profile is not None and not self.resume and "optimize" not in self.given
