"""Points that a check finds to break a constraint, and that therefore never become jobs.

They are observations for the chooser: to it, each of them is a job that returned its constraints
and was stopped before its objective was computed. So it suggests what it would if they were jobs.
They are stored beside the jobs, so that a search that is started again suggests the same points.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spearmint.checking.checker import Checker, Verdict
from spearmint.config import CandidateCheck, Config, Task
from spearmint.console.command_line import counted
from spearmint.console.printing import printable
from spearmint.control.progress import Progress
from spearmint.database import Database, Document
from spearmint.errors import UserError
from spearmint.optimiser.space import Space

#: So many candidates are discarded for one job; then the one that violates least becomes it.
MOST_TRIES = 20


@dataclass(slots=True)
class Screening:
    """Checks candidates, and remembers those that break a constraint.

    Args:
        config: The experiment.
        check: Its check.
        store: Its database.
        checker: Asks the process that checks.
        space: The searched space.
        progress: Prints lines.
    """

    config: Config
    check: CandidateCheck
    store: Database
    checker: Checker
    space: Space
    progress: Progress
    _known: list[Document] = field(default_factory=list, init=False)
    _own: list[Document] = field(default_factory=list, init=False)
    _candidate: tuple[int, Mapping[str, Any]] | None = field(default=None, init=False)
    _is_off_told: bool = field(default=False, init=False)

    @property
    def waits(self) -> bool:
        """Whether a candidate is being checked."""
        return self._candidate is not None

    def refresh(self) -> None:
        """Reads what is stored, by other controllers too."""
        stored = self.store.discarded(self.config.experiment)
        points = {_text(one.get("params")) for one in stored}
        found = [*stored, *(one for one in self._own if _text(one["params"]) not in points)]
        self._known = sorted(filter(self._is_valid, found), key=_order)

    def with_discarded(self, jobs: Sequence[Document], below: int = 0) -> list[Document]:
        """The jobs and, as jobs with negative ids, the discarded points that none of them has.

        Args:
            jobs: All jobs of the experiment.
            below: The ids are below its negative: others have those above.
        """
        points = {_text(job.get("params")) for job in jobs}
        extra = []
        for one in self._known:
            if (text := _text(one["params"])) not in points:
                points.add(text)
                extra.append(one)
        names = self.config.task_names
        return [
            *jobs,
            *(
                {
                    "id": number - len(extra) - below,
                    "params": one["params"],
                    "status": "complete",
                    "values": dict.fromkeys(names, math.nan) | one["values"],
                }
                for number, one in enumerate(extra)
            ),
        ]

    def last_resort(self, job_id: int) -> dict[str, Any] | None:
        """The point that becomes this job since too many were discarded; None if more are tried."""
        tried = [one for one in self._known if one["job"] == job_id]
        if len(tried) < MOST_TRIES:
            return None
        excess = [self._excess(one["values"]) for one in tried]
        largest = {name: max(each.get(name, 0.0) for each in excess) for name in excess[0]}
        shares = [
            sum(each[name] / most for name, most in largest.items() if most) for each in excess
        ]
        params: dict[str, Any] = tried[shares.index(min(shares))]["params"]
        self.progress.print(
            f"each of {len(tried)} candidates for job {job_id} breaks {self._broken_by(tried)}: "
            "the one that violates least is evaluated"
        )
        return params

    def ask(self, job_id: int, params: Mapping[str, Any]) -> None:
        """Asks whether a candidate for a job breaks a constraint."""
        self._candidate = (job_id, params)
        if not self.checker.off:
            self.checker.ask(params)

    def decide(self, job_id: int) -> dict[str, Any] | None:
        """The candidate, if it may become this job; None if it may not, or is still checked.

        A candidate that may not is remembered. In both cases `waits` is false then.
        """
        assert self._candidate is not None  # noqa: S101 - `waits`
        asked_for, params = self._candidate
        verdict = Verdict({}) if self.checker.off else self.checker.answer()
        if verdict is None:
            return None
        self._candidate = None
        if self.checker.off and not self._is_off_told:
            self._is_off_told = True
            self.progress.print(
                f"candidate-check: {self.checker.off}; candidates are no longer checked"
            )
        elif verdict.error:
            self.progress.print(
                f"candidate-check: {verdict.error}; this candidate is evaluated unchecked"
            )
        if self._broken(verdict.values):
            self._discard(asked_for, params, verdict.values)
            return None
        # Another controller has added this job: the candidate was suggested without knowing that.
        return dict(params) if asked_for == job_id else None

    def tell_before(self, job_id: int) -> None:
        """Prints how many candidates were discarded before one became this job."""
        tried = [one for one in self._known if one["job"] == job_id]
        if 0 < len(tried) < MOST_TRIES:
            verb = "breaks" if len(tried) == 1 else "break"
            self.progress.print(
                f"{counted(len(tried), 'candidate')} for job {job_id} {verb} "
                f"{self._broken_by(tried)}: not evaluated"
            )

    def tell_all(self) -> None:
        """Prints how many candidates of the experiment were discarded."""
        if self._known:
            verb = "was" if len(self._known) == 1 else "were"
            self.progress.total(
                f"{counted(len(self._known), 'candidate')} {verb} not evaluated: "
                f"{self._broken_by(self._known)} not met"
            )

    def _discard(self, job_id: int, params: Mapping[str, Any], values: Mapping[str, float]) -> None:
        place = sum(one["job"] == job_id for one in self._known)
        document: Document = {
            "job": job_id,
            "place": place,
            "params": dict(params),
            "values": dict(values),
            "version": self.check.version,
        }
        self.store.add_discarded(self.config.experiment, document)
        self._own.append(document)
        self._known.append(document)

    def _is_valid(self, one: Document) -> bool:
        """Whether a stored document counts: not of other bounds, not changed by hand, inside."""
        values, params = one.get("values"), one.get("params")
        if one.get("version") != self.check.version:
            return False
        if not isinstance(values, Mapping) or not isinstance(params, Mapping):
            return False
        if not isinstance(one.get("job"), int) or not isinstance(one.get("place"), int):
            return False
        numbers = all(isinstance(value, int | float) for value in values.values())
        try:
            return numbers and self.space.holds(params) and bool(self._broken(values))
        except UserError:
            return False

    def _broken(self, values: Mapping[str, float]) -> list[Task]:
        return [
            task
            for task in self.config.tasks
            if not task.objective and task.name in values and not task.met(values[task.name])
        ]

    def _excess(self, values: Mapping[str, float]) -> dict[str, float]:
        """By how much each constraint is violated; 0 if it is not, or unknown."""
        broken = {task.name for task in self._broken(values)}
        return {
            task.name: abs(values[task.name]) if task.name in broken else 0.0
            for task in self.config.tasks
            if not task.objective
        }

    def _broken_by(self, several: Iterable[Document]) -> str:
        names = {task.name for one in several for task in self._broken(one["values"])}
        return printable(" or ".join(name for name in self.config.task_names if name in names))


def _text(params: Any) -> str:
    """A text that is the same for the same point."""
    return json.dumps(params, sort_keys=True, default=str)


def _order(one: Document) -> tuple[int, int, str]:
    return one["job"], one["place"], _text(one["params"])
