"""The view on a terminal: finished jobs as lines, and below them the state, which changes."""

from __future__ import annotations

import sys
import threading
import time
from typing import TextIO

from rich.console import Console
from rich.live import Live as Region
from rich.text import Text

from hwsearch.experiment import Experiment
from hwsearch.printing import lines as printable
from hwsearch.printing import one_line
from hwsearch.progress.job_output import JobOutput
from hwsearch.progress.listener import Event
from hwsearch.progress.plain import Plain
from hwsearch.progress.search import Search
from hwsearch.progress.status import status
from hwsearch.progress.terminal import columns

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
        super().__init__(search, self._print, debug=debug)
        self._experiment = experiment
        self._stream = stream or sys.stdout
        self._console = Console(file=self._stream, highlight=False, soft_wrap=True)
        self._region = Region(
            console=self._console,
            auto_refresh=False,
            transient=True,
            vertical_overflow="crop",
            redirect_stderr=False,
        )
        self._period_s = period_s
        self._lock = threading.RLock()
        self._running: dict[int, JobOutput] = {}
        self._ended = 0
        self._drawn: tuple[str, int] = ("", 0)
        self._began = time.monotonic()
        self._closed = threading.Event()
        self._region.start()
        # A run that is killed must not leave a terminal without a cursor.
        self._console.show_cursor(True)
        self._thread = threading.Thread(target=self._watch, name="terminal", daemon=True)
        self._thread.start()

    def show(self, event: Event) -> None:
        """Shows one event."""
        with self._lock:
            if event["event"] == "submitted":
                job_id = int(event["job"])
                path = self._experiment.output_dir / f"{job_id:08d}.out"
                self._running[job_id] = JobOutput(path, self.search.settings.constraints)
            elif event["event"] == "finished":
                self._running.pop(int(event["job"]), None)
                self._ended += 1
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
        self._region.stop()

    def _print(self, text: str) -> None:
        self._console.print(Text(printable(text)))

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
        """Draws the lines if they differ from those that are shown."""
        text = status(self.search, self._running, time.monotonic() - self._began, self._ended)
        width = columns(self._stream)
        if self._closed.is_set() or (text, width) == self._drawn:
            return
        self._drawn = (text, width)
        self._console.width = width
        rows = [Text(one_line(row), no_wrap=True, overflow="ellipsis") for row in text.split("\n")]
        for row in rows:
            row.truncate(max(width - 1, 1), overflow="ellipsis")
        self._region.update(Text("\n").join(rows), refresh=True)
