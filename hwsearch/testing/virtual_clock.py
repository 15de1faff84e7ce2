"""Virtual time: hours of measuring are tested in seconds, with the same result every time."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass

from hwsearch.meters.clock import Repeating, jittered


class VirtualClock:
    """A `Clock` on which time passes only while somebody sleeps.

    Actions given to `every` run at their due times while the caller sleeps, in order of time.

    Args:
        lateness: Returns by how many seconds the next periodic action is late; None = on time.
    """

    def __init__(self, lateness: Callable[[], float] | None = None) -> None:
        self._now = 0.0
        self._random = random.Random(0)
        self._lateness = lateness or (lambda: 0.0)
        self._queue: list[tuple[float, int, _Periodic]] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        """Seconds since the clock was made."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Advances time and runs the actions that become due."""
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
        """Calls `action` now, and again whenever it is due and time passes."""
        periodic = _Periodic(seconds, action, self._now)
        action()
        self._add(periodic)
        return periodic

    def _add(self, periodic: _Periodic) -> None:
        periodic.due += jittered(periodic.seconds, self._random)
        late = max(periodic.due + self._lateness(), self._now)
        heapq.heappush(self._queue, (late, next(self._numbers), periodic))


@dataclass(eq=False, slots=True)
class _Periodic:
    seconds: float
    action: Callable[[], None]
    due: float
    stopped: bool = False

    def stop(self) -> None:
        self.stopped = True
