"""Time for measuring: the machine's monotonic clock, behind a protocol that tests replace.

`hwsearch.testing.virtual_clock` has a clock of virtual time.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Protocol

STOP_S = 6.0  # longer than the 5 s for which a meter waits when it stops nvidia-smi


class Repeating(Protocol):
    """A periodic action of a clock."""

    def stop(self) -> None:
        """Stops it; returns when the action has ended, or after `STOP_S` if it hangs."""


class Clock(Protocol):
    """Time as measuring needs it, in seconds; only differences between moments have a meaning."""

    def now(self) -> float:
        """Seconds on a clock that never goes backwards."""

    def sleep(self, seconds: float) -> None:
        """Waits."""

    def every(self, seconds: float, action: Callable[[], None]) -> Repeating:
        """Calls `action` at once and then about every `seconds`, while the caller continues.

        Intervals vary at random by a quarter: polling in step with the load's own rhythm would
        always see the same phase of it.
        """


class RealClock:
    """CLOCK_MONOTONIC: not affected by NTP steps or by setting the date."""

    def now(self) -> float:
        """Seconds since an arbitrary fixed moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        if seconds > 0:
            time.sleep(seconds)

    def every(self, seconds: float, action: Callable[[], None]) -> Repeating:
        """Calls `action` in a thread of its own."""
        return _PollingThread(seconds, action)


REAL_CLOCK = RealClock()


class _PollingThread:
    """Calls an action periodically in a daemon thread; missed calls are not repeated."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self._seconds = seconds
        self._action = action
        self._random = random.Random()  # leaves the user's random numbers alone
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopped.is_set():
            self._action()
            due = max(due + jittered(self._seconds, self._random), time.monotonic())
            self._stopped.wait(due - time.monotonic())

    def stop(self) -> None:
        self._stopped.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(STOP_S)


def jittered(seconds: float, rng: random.Random) -> float:
    """A random interval between 3/4 and 5/4 of `seconds`."""
    return seconds * (0.75 + 0.5 * rng.random())
