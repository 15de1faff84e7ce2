"""What the end of a process means for its job: pure decisions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from spearmint import processes
from spearmint.console.printing import one_line
from spearmint.schedulers import Ended
from spearmint.worker.launch import CANNOT_BEGIN, STOPPED


class Fate(Enum):
    """What becomes of a job after its process has ended; the texts are parts of reasons."""

    #: It is finished, or its state is not for this process to change.
    SETTLED = ""
    #: Its objective has not been called. That is not the job's fault: it says nothing about it.
    UNBEGUN = "before the job began"
    #: It was lost without a result.
    LOST = "before storing a result"
    #: The process put it back without being asked by this run: by SIGTERM, or a time limit.
    PUT_BACK = "after requeueing the job"


def fate(job: Mapping[str, Any], attempt: int, end: Ended, *, durable_ids: bool) -> Fate:
    """What the end of a process means.

    Args:
        job: The job, read after the process had ended.
        attempt: The job's attempt when the process was submitted; its claim added 1.
        end: How the process ended.
        durable_ids: Whether `end.proc_id` is stored in the job's document.
    """
    status, now = job["status"], int(job.get("attempt", 0))
    if end.excused:
        return Fate.SETTLED
    if status == "new" and (now == attempt or end.status == CANNOT_BEGIN):
        return Fate.UNBEGUN
    if status == "new" and now == attempt + 1:
        if end.preempted:
            return Fate.SETTLED
        # Without an exit status of its own, the controller may have put it back: its lease expired.
        return Fate.PUT_BACK if durable_ids or end.status == STOPPED else Fate.SETTLED
    if status == "pending":
        is_own = now == attempt + 1 and processes.is_alive(job.get("worker")) is False
        if durable_ids:
            is_own = job.get("proc_id") == end.proc_id
        return Fate.LOST if is_own else Fate.SETTLED
    return Fate.SETTLED


def loss_reason(when: str, description: str = "", last_output_line: str = "") -> str:
    """Why a job is lost: "its process ended before storing a result: killed by SIGKILL"."""
    reason = f"its process ended {when}" + (f": {description}" if description else "")
    last = one_line(last_output_line, 300)
    return f"{reason}; last output: {last}" if last else reason
