"""Time for measuring: the machine's monotonic clock, behind an interface that virtual time fits."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

STOP_S = 6.0  # nvidia-smi is waited for up to 5 s


class Repeating(Protocol):
    """Something that a clock does again and again until told to stop."""

    def stop(self) -> None:
        """Ends it; returns once the action is not running any more, or hangs."""


class Clock(Protocol):
    """What measuring needs of time. Seconds; only differences mean anything."""

    def now(self) -> float:
        """Seconds on a clock that never goes backwards."""

    def sleep(self, seconds: float) -> None:
        """Waits."""

    def every(self, seconds: float, action: Callable[[], None]) -> Repeating:
        """Calls `action` at once and then about every so many seconds, beside the caller's work.

        Intervals vary at random by a quarter: polling in step with a load's own rhythm would see
        it in the same phase again and again.
        """


class _Thread:
    """Calls an action periodically in a daemon thread; a late call is not made up for."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self._seconds = seconds
        self._action = action
        self._random = random.Random()  # never the user's own random numbers
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopped.is_set():
            self._action()
            due = max(due + dithered(self._seconds, self._random), time.monotonic())
            self._stopped.wait(due - time.monotonic())

    def stop(self) -> None:
        self._stopped.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(STOP_S)


def dithered(seconds: float, rng: random.Random) -> float:
    """An interval between 3/4 and 5/4 of the one asked for."""
    return seconds * (0.75 + 0.5 * rng.random())


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


class VirtualClock:
    """Time that passes only when somebody sleeps: hours of sensors in seconds, always the same.

    What `every` was asked to do happens at its due times while others sleep, in order of time.

    Args:
        jitter: Lateness of a periodic action, seconds, drawn anew for each call; None = on time.
    """

    def __init__(self, jitter: Callable[[], float] | None = None) -> None:
        self._now = 0.0
        self._random = random.Random(0)
        self._jitter = jitter or (lambda: 0.0)
        self._queue: list[tuple[float, int, _Periodic]] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        """Seconds since the clock was made."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Lets time pass, and what is due in it happen."""
        end = self._now + max(0.0, seconds)
        while self._queue and self._queue[0][0] <= end:
            due, _, periodic = heapq.heappop(self._queue)
            if periodic.stopped:
                continue
            self._now = max(self._now, due)
            periodic.action()
            self._add(periodic)
        self._now = max(self._now, end)

    def every(self, seconds: float, action: Callable[[], None]) -> Repeating:
        """Calls `action` at once and then whenever it is due and time passes."""
        periodic = _Periodic(seconds, action, self._now)
        action()
        self._add(periodic)
        return periodic

    def _add(self, periodic: _Periodic) -> None:
        periodic.due += dithered(periodic.seconds, self._random)
        late = max(periodic.due + self._jitter(), self._now)
        heapq.heappush(self._queue, (late, next(self._numbers), periodic))


@dataclass(eq=False, slots=True)
class _Periodic:
    seconds: float
    action: Callable[[], None]
    due: float
    stopped: bool = False

    def stop(self) -> None:
        self.stopped = True
