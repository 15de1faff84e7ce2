"""Time for measuring: the machine's monotonic clock, behind an interface that virtual time fits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Repeating(Protocol):
    """Something that a clock does again and again until told to stop."""

    def stop(self) -> None:
        """Ends it; returns once the action is not running any more."""


class Clock(Protocol):
    """What measuring needs of time. Seconds; only differences mean anything."""

    def now(self) -> float:
        """Seconds on a clock that never goes backwards."""

    def sleep(self, seconds: float) -> None:
        """Waits."""

    def every(self, seconds: float, action: Callable[[], None]) -> Repeating:
        """Calls `action` at once and then every so many seconds, beside the caller's own work."""


class _Thread:
    """Calls an action periodically in a daemon thread; a late call is not made up for."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self._seconds = seconds
        self._action = action
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopped.is_set():
            self._action()
            due = max(due + self._seconds, time.monotonic())
            self._stopped.wait(due - time.monotonic())

    def stop(self) -> None:
        self._stopped.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()


class RealClock:
    """CLOCK_MONOTONIC: not moved by NTP steps or by the user setting the date."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        if seconds > 0:
            time.sleep(seconds)

    def every(self, seconds: float, action: Callable[[], None]) -> Repeating:
        """Calls `action` from a thread of its own."""
        return _Thread(seconds, action)


REAL_CLOCK = RealClock()
