"""Writes the HTML page of a run while it is searching, and with the models' view at its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.launch.optimiser import Results
from hwsearch.printing import one_line
from hwsearch.report.page.file import write_page
from hwsearch.report.run_table import RunTable

#: Seconds between two looks at the results, at least.
PAUSE_S = 5.0
#: A look may take this share of the time, so that it does not slow networks that are measured.
SHARE = 0.01
#: Seconds for the look that is going on when the search ends.
PATIENCE_S = 30.0


class PageWatch:
    """Keeps the page of a run up to date for a `with` block.

    What the optimiser's models say is not computed meanwhile: that takes seconds of a processor on
    which networks may be measured.

    Args:
        settings: Of the run.
        experiment: Its files.
        results: Its results; None = they are unknown, and there is no page.
        pause_s: The least pause between two looks, in seconds.
    """

    def __init__(
        self,
        settings: Settings,
        experiment: Experiment,
        results: Results | None,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._settings, self._experiment, self._results = settings, experiment, results
        self._pause_s = pause_s
        self._seen: list[tuple[Any, ...]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="page", daemon=True)

    def __enter__(self) -> PageWatch:
        if self._results is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)

    def _watch(self) -> None:
        pause = self._pause_s
        while not self._stopped.wait(pause):
            began = time.thread_time()
            with suppress(UserError, OSError):  # others report what is away or full
                self._look()
            pause = max(self._pause_s, (time.thread_time() - began) / SHARE)

    def _look(self) -> None:
        """Writes the page if a job has changed."""
        assert self._results is not None  # noqa: S101 - the thread was started
        jobs = self._results.jobs(self._settings.experiment_name)
        seen = [(job.get("id"), job.get("status"), job.get("attempt")) for job in jobs]
        if jobs and seen != self._seen:
            write_page(self._experiment.page, self._settings, jobs, self._experiment, running=True)
            self._seen = seen


def write_last_page(
    settings: Settings,
    experiment: Experiment,
    results: Results,
    jobs: Sequence[Mapping[str, Any]],
) -> str:
    """Writes the page of a run that has ended, and returns the line that names it.

    Args:
        settings: Of the run.
        experiment: Its files.
        results: Its results.
        jobs: Its job documents.
    """
    analysis: Mapping[str, Any] = {}
    note = ""
    try:
        best = RunTable.of_run(settings, jobs).best_point(jobs)
        analysis = results.analysis(settings.experiment_name, best)
    except UserError as error:
        note = f" (without models: {one_line(error)})"
    try:
        write_page(experiment.page, settings, jobs, experiment, analysis=analysis)
    except OSError as error:
        return f"page: {one_line(experiment.page)} could not be written: {error.strerror}"
    return f"page: {one_line(experiment.page)}{note}"
