"""What is known of a search while it runs, from the events of the optimiser and the database."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hwsearch import budget
from hwsearch.experiment.settings import Settings
from hwsearch.measurements.reading import mapping, number
from hwsearch.report.result import Fate, Result, best_of, front_of
from hwsearch.template import Template

#: Notes that say nothing about the script or the results: who needs the value is refused.
_UNSAID = ("macs is unknown",)


@dataclass(frozen=True, slots=True)
class Expected:
    """The best network that the optimiser's models expect.

    Attributes:
        values: By metric, in its unit; NaN if it can be counted and was not.
        spread: Standard deviations of the models there, likewise; NaN if a value is certain. The
            costs of a network that was measured are those of its measurement.
        hyperparameters: What the script would get.
        probability: Probability that the budget is met.
    """

    values: Mapping[str, float]
    spread: Mapping[str, float]
    hyperparameters: Mapping[str, Any]
    probability: float


@dataclass(slots=True)
class Search:
    """A search in the user's terms.

    Args:
        settings: Of the run.
        template: Turns the optimiser's values into those of the script.
        earlier: Reads the job documents that are there when the optimiser begins.
        job: Reads the document of one job; None if there is none.
        seconds: How long the present budget of a sweep and those after it are searched; None if
            there is no sweep, or no limit.

    Attributes:
        results: Every job that was seen, by id.
        expected: The best network that is expected, once there is one.
    """

    settings: Settings
    template: Template
    earlier: Callable[[], list[dict[str, Any]]]
    job: Callable[[int], dict[str, Any] | None]
    seconds: float | None = None
    results: dict[int, Result] = field(default_factory=dict, init=False)
    expected: Expected | None = field(default=None, init=False)
    _has_begun: bool = field(default=False, init=False)
    _noted: set[str] = field(default_factory=set, init=False)

    def begin(self) -> None:
        """Reads the jobs of earlier starts, once; the optimiser has opened the database."""
        if not self._has_begun:
            self._has_begun = True
            for document in self.earlier():
                self.results[int(document["id"])] = Result.of(document, self.settings)

    def finish(self, job_id: int) -> Result | None:
        """Reads the result of a job that has ended; None if the database does not have it."""
        document = self.job(job_id)
        if document is None:
            return None
        result = Result.of(document, self.settings)
        self.results[job_id] = result
        return result

    def new_notes(self, result: Result) -> list[str]:
        """The notes of a job that were not given for an earlier one.

        Those about a single measurement, its flags, are left out: they are in the job's document.
        """
        measured = result.measurements
        profile = measured.profile
        flags = set() if profile is None else {flag.text for flag in profile.flags}
        found = [
            note
            for note in dict.fromkeys(measured.notes)
            if note not in flags | self._noted and not note.startswith(_UNSAID)
        ]
        self._noted.update(found)
        return found

    def broken_alike(self, result: Result) -> int | None:
        """The first other job that is broken for the same reason as this one; None if none is."""
        if result.fate is not Fate.BROKEN or not result.reason:
            return None
        alike = (
            job
            for job, other in self.results.items()
            if job != result.job and other.fate is Fate.BROKEN and other.reason == result.reason
        )
        return next(alike, None)

    def expect(self, event: Mapping[str, Any]) -> Expected:
        """Takes an `expected` event."""
        values, spread = mapping(event.get("values")), mapping(event.get("spread"))
        settings = self.settings
        known = {
            one.name: one.minimised(number(values.get(one.name))) for one in settings.objectives
        }
        for name, bound in settings.constraints.items():
            known[name] = budget.measured(bound, number(values.get(name)))
        spreads = {name: number(spread.get(name, math.nan)) for name in known}
        hyperparameters = self.template.active_values(event["params"])
        costs, errors = self._costs(hyperparameters)
        for name in settings.computed_constraints:
            if spreads[name] > 0 and name not in costs:
                known[name] = math.nan  # it can be counted, so that a prediction says nothing
        self.expected = Expected(
            values=known | costs,
            spread=spreads | errors,
            hyperparameters=hyperparameters,
            probability=number(event.get("probability")),
        )
        return self.expected

    def _costs(
        self, hyperparameters: Mapping[str, Any]
    ) -> tuple[dict[str, float], dict[str, float]]:
        """What is known of the costs of a network that was tried, and the standard errors.

        Only metrics that do not depend on the training.
        """
        for result in self._ordered:
            if result.measurements.hyperparameters == hyperparameters:
                names = [
                    name
                    for name in self.settings.constraints
                    if name in self.settings.known_before_training
                    and math.isfinite(result.values.get(name, math.nan))
                ]
                costs = {name: result.values[name] for name in names}
                return costs, {name: result.std_error(name) for name in names}
        return {}, {}

    @property
    def best(self) -> Result | None:
        """The best network under the budget."""
        return best_of([one for one in self._ordered if one.feasible], self.settings)

    @property
    def front(self) -> list[Result]:
        """The Pareto front of several objectives under the budget; of one, the best network."""
        if self.settings.has_front:
            return front_of(self._ordered, self.settings)
        return [self.best] if self.best is not None else []

    @property
    def _ordered(self) -> list[Result]:
        return [result for _, result in sorted(self.results.items())]
