"""Checks candidates of the next job while jobs run that allow it.

The chooser is asked for the candidates that it would have now, with the running jobs as pending
ones. They are checked in the background, at the lowest priority, and the answers are kept. When the
next job is wanted, its candidates are chosen as ever, in the light of all results; a check whose
answer is known then takes no time. So what is checked here does not change which point is chosen.

Nothing is computed while a job runs that has not allowed it: it may be measuring.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spearmint import lifecycle
from spearmint.control.screening import Screening
from spearmint.control.suggestions import Suggestions
from spearmint.database import Document

#: Jobs that end sooner after they have allowed checks are not delayed by the chooser, in seconds.
PAUSE_S = 0.2


@dataclass(slots=True)
class Ahead:
    """Uses the time until the next job.

    Args:
        suggestions: Asks the chooser.
        screening: Has the process that checks, and its answers.
    """

    suggestions: Suggestions
    screening: Screening
    _since: float | None = field(default=None, init=False)  # it is allowed without a break
    _took_s: float = field(default=0.0, init=False)  # to choose the candidates
    _basis: Hashable = field(default=None, init=False)  # of the candidates
    _left: list[dict[str, Any]] = field(default_factory=list, init=False)
    _asked: dict[str, Any] | None = field(default=None, init=False)

    def use_time(self, jobs: Sequence[Document]) -> None:
        """Asks for candidates, or about the next one of them, if all running jobs allow it.

        Args:
            jobs: All jobs; another one will follow, and there is no room for it yet.
        """
        self._take_answer()
        if not self._is_allowed(jobs):
            self.stop()
            return
        now = time.monotonic()
        if self._since is None:
            self._since = now
        basis = basis_of(jobs)
        self.screening.answers.begin(basis)
        if basis != self._basis:
            if now - self._since < PAUSE_S + self._took_s:
                return
            self._basis = basis
            self._left = self.suggestions.candidates(jobs)
            self._took_s = time.monotonic() - now
        elif self._asked is None:
            self._ask()

    def stop(self) -> None:
        """Ends a check that runs."""
        self._since = None
        if self._asked is not None:
            self._asked = None
            self.screening.checker.drop_ahead()

    def _is_allowed(self, jobs: Sequence[Document]) -> bool:
        screening, ids = self.screening, [int(job["id"]) for job in jobs]
        if screening.waits or screening.checker.off or self.suggestions.exhausted:
            return False
        active = [job for job in jobs if job["status"] in ("new", "pending")]
        if not active or max(ids) + 1 < screening.check.first_job:
            return False
        return all(map(lifecycle.allows_checks, active))

    def _take_answer(self) -> None:
        """Keeps an answer that has come."""
        checker = self.screening.checker
        if self._asked is None:
            return
        if not checker.is_ahead:  # something else was asked since
            self._asked = None
            return
        verdict = checker.answer()
        if verdict is not None:
            self.screening.answers.add(self._asked, verdict)
            self._asked = None

    def _ask(self) -> None:
        """Asks about the next candidate whose answer may be of use."""
        answers = self.screening.answers
        if answers.differ and len(self._left) > 1:
            # The points of the next suggestion will differ from these, if only a little.
            self._left.clear()
        unknown = [point for point in self._left if answers.of(point) is None]
        # New kinds first; then those that show whether one answer serves for all of a kind.
        unknown.sort(key=answers.knows_kind)
        if unknown:
            self._asked = unknown[0]
            self._left.remove(unknown[0])
            self.screening.checker.ask(unknown[0], ahead=True)


def basis_of(jobs: Sequence[Mapping[str, Any]]) -> Hashable:
    """On what the answers of checks may depend: which jobs are, or may have been, measured."""
    return frozenset(
        (job["id"], job.get("attempt"), job["status"] != "pending" or lifecycle.allows_checks(job))
        for job in jobs
        if job["status"] != "new"
    )
