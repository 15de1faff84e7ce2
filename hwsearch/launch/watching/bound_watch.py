"""Tells the user during a run that a bound excludes nothing, instead of days later."""

from __future__ import annotations

import threading
from contextlib import suppress

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.launch.optimiser import Results
from hwsearch.report.loose_bounds import loose_bounds, may_be_loose
from hwsearch.report.result import Result

#: The first and the longest pause between two looks at the results, in seconds.
PAUSES_S = (5.0, 60.0)


class BoundWatch:
    """Looks at the results of a run for a `with` block, until a look shows what there is to say.

    Args:
        settings: Of the run.
        results: Its results; None = they are unknown, and nothing is said.
        first_s: The first pause, in seconds.
    """

    def __init__(
        self, settings: Settings, results: Results | None, first_s: float = PAUSES_S[0]
    ) -> None:
        self._settings = settings
        self._results = results
        self._pause_s = first_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="bounds", daemon=True)

    def __enter__(self) -> BoundWatch:
        if may_be_loose(self._settings, []):
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=PAUSES_S[0])

    def _watch(self) -> None:
        while self._results is not None and not self._stopped.wait(self._pause_s):
            self._pause_s = min(2 * self._pause_s, PAUSES_S[1])
            with suppress(UserError, OSError):  # others report that the database is away
                if self._has_said(self._results):
                    return

    def _has_said(self, results: Results) -> bool:
        """Looks once; False if there may be something to say later."""
        jobs = results.jobs(self._settings.experiment_name)
        found = [Result.of(job, self._settings) for job in jobs]
        lines = loose_bounds(self._settings, found)
        for line in lines:
            print(line, flush=True)
        return bool(lines) or not may_be_loose(self._settings, found)
