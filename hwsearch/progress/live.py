"""The view on a terminal: finished jobs as lines, and below them the state, which changes."""

from __future__ import annotations

import sys
import threading
import time
from typing import TextIO

from hwsearch.experiment import Experiment
from hwsearch.progress.job_output import JobOutput
from hwsearch.progress.listener import Event
from hwsearch.progress.plain import Plain
from hwsearch.progress.region import Region
from hwsearch.progress.search import Search
from hwsearch.progress.status import status

#: Seconds between two looks at the running jobs: each costs about a millisecond.
PERIOD_S = 1.0


class Live(Plain):
    """Shows the events of a search on a terminal.

    Args:
        search: Takes the events.
        experiment: Its jobs' output says how far they are.
        stream: The terminal.
        debug: As `Plain` has it.
        period_s: Seconds between two looks.
    """

    def __init__(
        self,
        search: Search,
        experiment: Experiment,
        stream: TextIO | None = None,
        *,
        debug: bool = False,
        period_s: float = PERIOD_S,
    ) -> None:
        stream = stream or sys.stdout
        self._region = Region(stream, redirect=stream is sys.stdout)
        super().__init__(search, self._region.print, debug=debug)
        self._experiment = experiment
        self._period_s = period_s
        self._lock = threading.RLock()
        self._running: dict[int, JobOutput] = {}
        self._ended = 0
        self._began = time.monotonic()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="terminal", daemon=True)
        self._thread.start()

    def show(self, event: Event) -> None:
        """Shows one event."""
        with self._lock:
            if event["event"] == "submitted":
                job_id = int(event["job"])
                path = self._experiment.output_dir / f"{job_id:08d}.out"
                self._running[job_id] = JobOutput(path, self.search.settings.constraints)
            elif event["event"] in ("finished", "paused"):
                self._running.pop(int(event["job"]), None)
                self._ended += event["event"] == "finished"
            super().show(event)
            self._draw()

    def note(self, text: str) -> None:
        """Shows lines that are no event."""
        with self._lock:
            super().note(text)

    def close(self) -> None:
        """Removes the lines that change; what was printed stays."""
        self._closed.set()
        self._thread.join()
        self._region.close()

    def _watch(self) -> None:
        while not self._closed.wait(self._period_s):
            with self._lock:
                for output in self._running.values():
                    output.poll()
                try:
                    self._draw()
                except OSError:  # the terminal was closed
                    return

    def _draw(self) -> None:
        if not self._closed.is_set():
            elapsed_s = time.monotonic() - self._began
            self._region.draw(status(self.search, self._running, elapsed_s, self._ended))
