"""Jobs that could not begin: how often in a row, and how long each of them waits."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

#: The pause after a job could not begin, in seconds; the n-th pause takes n times as long.
PAUSE_S = 1.0


@dataclass(slots=True)
class Beginnings:
    """Counts the attempts of jobs that ended before their objective was called."""

    _counts: dict[int, int] = field(default_factory=dict, init=False)
    _not_before: dict[int, float] = field(default_factory=dict, init=False)

    def failed(self, job_id: int) -> int:
        """Notes that a job could not begin; returns how often that happened in a row."""
        count = self._counts[job_id] = self._counts.get(job_id, 0) + 1
        self._not_before[job_id] = time.monotonic() + PAUSE_S * count
        return count

    def succeeded(self, job_id: int) -> None:
        """Notes that a job has begun: it has no failures in a row any more."""
        self._counts.pop(job_id, None)
        self._not_before.pop(job_id, None)

    def is_delayed(self, job_id: int) -> bool:
        """Whether a job could not begin a moment ago, so that it should wait."""
        return time.monotonic() < self._not_before.get(job_id, 0.0)
