"""The view for log files and pipes: one line per finished job, the same at every width."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from hwsearch.errors import UserError
from hwsearch.formatting import duration
from hwsearch.printing import lines as printable
from hwsearch.printing import one_line
from hwsearch.progress import lines
from hwsearch.progress.listener import Event
from hwsearch.progress.search import Search
from hwsearch.report.result import Fate, Result

Say = Callable[[str], None]


def to_stdout(text: str) -> None:
    """Prints lines at once."""
    print(printable(text), flush=True)


class Plain:
    """Shows the events of a search as lines.

    Args:
        search: Takes the events.
        say: Prints lines.
        debug: Show submitted jobs, durations and every change of the expected best network too.
    """

    def __init__(self, search: Search, say: Say = to_stdout, *, debug: bool = False) -> None:
        self.search = search
        self._say = say
        self._debug = debug
        self._shown: dict[str, Callable[[Event], None]] = {
            "message": lambda event: self._say(str(event.get("text"))),
            "submitted": self._submitted,
            "finished": self._finished,
            "paused": self._paused,
            "ended": self._ended_early,
            "expected": self._expected,
            "end": self._end,
        }

    def show(self, event: Event) -> None:
        """Shows one event; those of a later version are left out."""
        self.search.begin()
        handle = self._shown.get(event["event"])
        if handle is not None:
            handle(event)

    def note(self, text: str) -> None:
        """Shows lines that are no event."""
        self._say(text)

    def close(self) -> None:
        """Does nothing."""

    def _submitted(self, event: Event) -> None:
        if self._debug:
            again = " again" if event.get("again") else ""
            self._say(
                f"job {event['job']}: submitted{again} on {event.get('resource')}"
                + self._table(self.search.template.active_values(event["params"]))
            )

    def _finished(self, event: Event) -> None:
        job_id = int(event["job"])
        try:
            result = self.search.finish(job_id)
        except UserError as error:
            result = None
            self._say(str(error))
        if result is None:
            self._say(f"job {job_id}: {event.get('status')}; its result cannot be read now")
            return
        best = result.feasible and any(one is result for one in self.search.front)
        alike = self.search.broken_alike(result)
        text = lines.finished(result, self.search.settings, best=best, alike=alike)
        if self._debug:
            text += f" (after {duration(result.end_s - result.start_s)})"
        if result.fate is Fate.BROKEN:
            text += f"\n  its output: {one_line(event.get('output'))}"
        if best:
            text += self._table(self.hyperparameters(result))
        for note in self.search.new_notes(result):
            text += f"\n  note: {one_line(note)}"
        self._say(text)

    def _paused(self, event: Event) -> None:
        job_id = int(event["job"])
        with contextlib.suppress(UserError):
            result = self.search.finish(job_id)
            if result is not None and result.reason:
                self._say(f"job {job_id}: {result.reason}")

    def _ended_early(self, event: Event) -> None:
        with contextlib.suppress(UserError):
            self.search.finish(int(event["job"]))
        self._say(f"job {event['job']}: does not continue: {one_line(event.get('reason'))}")

    def _expected(self, event: Event) -> None:
        self.search.expect(event)
        if self._debug:
            self._say_expected()

    def _say_expected(self) -> None:
        best = self.search.expected
        if best is not None:
            text = lines.expected(best, self.search.settings)
            self._say(text + self._table(best.hyperparameters))

    def _end(self, event: Event) -> None:
        self._say(str(event.get("text")))
        if str(event.get("text")).startswith("done"):
            self._say_expected()

    def hyperparameters(self, result: Result) -> dict[str, Any]:
        """What the script got."""
        got = dict(result.measurements.hyperparameters)
        return got or self.search.template.active_values(result.params)

    @staticmethod
    def _table(values: Any) -> str:
        return "".join(f"\n{line}" for line in lines.hyperparameters(values))
