"""What objectives did, in a file that the search knows nothing of: one JSON line per event.

A line is on disk before the objective continues. So a result that the log has is one that the
objective has returned, whatever is killed or full afterwards.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

#: Variables of the environment: the log's file; "0" for lines that need not be on disk.
FILE, SYNC = "FAULTS_LOG", "FAULTS_SYNC"
BEGAN, RETURNED = "began", "returned"


@dataclass(frozen=True, slots=True)
class Event:
    """One line.

    Attributes:
        what: `BEGAN` or `RETURNED`.
        job: The job's id.
        pid: The process that ran it.
        time_s: Seconds since the epoch.
        value: What the objective returned; None in `BEGAN`.
    """

    what: str
    job: int
    pid: int
    time_s: float
    value: float | None = None


def write(what: str, job: int, value: float | None = None) -> None:
    """Appends a line to the log of this process's environment."""
    event = Event(what, int(job), os.getpid(), time.time(), value)
    file = os.open(os.environ[FILE], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        os.write(file, json.dumps(asdict(event)).encode() + b"\n")
        if os.environ.get(SYNC) != "0":
            os.fsync(file)
    finally:
        os.close(file)


def read(path: Path) -> list[Event]:
    """All events, oldest first; [] if no job has begun."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Event(**json.loads(line)) for line in lines]


def returned(events: list[Event]) -> set[int]:
    """The jobs with a result."""
    return {event.job for event in events if event.what == RETURNED}
