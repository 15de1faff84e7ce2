"""The duration of each part of a job."""

from __future__ import annotations

import time


class Stopwatch:
    """Duration of each part of the evaluation, in seconds."""

    def __init__(self) -> None:
        self._began = time.time()
        self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Keeps the time since the last lap."""
        now = time.monotonic()
        self.seconds[name] = now - self._last
        self._last = now

    def mark(self, name: str, moment: float | None) -> None:
        """Keeps the time from the beginning to a moment of `time.time()`, if there is one."""
        if moment is not None:
            self.seconds[name] = moment - self._began
