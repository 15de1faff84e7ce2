"""What becomes of a job: decisions on documents, without a database or processes behind them.

new -> pending (claimed) -> complete | broken
         |
         `-> new again: its worker died (twice at most), or was stopped
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spearmint.config import Resource

Job = Mapping[str, Any]

#: A job whose worker died is tried again this often.
RETRIES = 2
#: The search stops when this many jobs broke and none was completed.
BROKEN_IN_A_ROW = 5
FINISHED = ("complete", "broken")


def complete(
    values: Mapping[str, float], measurements: Mapping[str, Any], reason: str | None
) -> dict[str, Any]:
    """Changes that store a result."""
    changes: dict[str, Any] = {
        "status": "complete",
        "values": dict(values),
        "end time": time.time(),
        "reason": reason,
    }
    if measurements:
        changes["measurements"] = dict(measurements)
    return changes


def broken(reason: str) -> dict[str, Any]:
    """Changes that give a job up."""
    return {"status": "broken", "reason": reason, "end time": time.time()}


def requeue(reason: str) -> dict[str, Any]:
    """Changes that let a job be run again as if this attempt had not been."""
    return {"status": "new", "reason": reason, "proc_id": None}


def after_loss(job: Job, reason: str) -> dict[str, Any]:
    """Changes for a job whose worker died: it is tried again, or given up."""
    lost = int(job.get("lost", 0)) + 1
    if lost <= RETRIES:
        return {"status": "new", "lost": lost, "reason": reason, "proc_id": None}
    return {**broken(f"{reason}; given up after {lost} attempts"), "lost": lost}


def resource_of(job: Job, resources: Sequence[Resource]) -> Resource:
    """The resource that a job runs on; the first where it names none that there is."""
    named = [resource for resource in resources if resource.name == job.get("resource")]
    return (named or list(resources))[0]


def startable(jobs: Sequence[Job], resources: Sequence[Resource], total: int | None) -> list[Job]:
    """The new jobs that may start now, lowest id first.

    Every controller of an experiment comes to the same answer: two that each add a job at the same
    moment do not run more than `max_concurrent` at once, nor more than a limit in all.

    Args:
        jobs: All jobs of the experiment.
        resources: Where they run, with their limits.
        total: How many jobs may be finished in all; None for no limit.
    """
    found: list[Job] = []
    for resource in resources:
        own = [job for job in jobs if resource_of(job, resources) is resource]
        running = _running(own)
        room = resource.max_concurrent - running
        if resource.max_finished_jobs is not None:
            room = min(room, resource.max_finished_jobs - finished(own) - running)
        found += _new(own)[: max(room, 0)]
    found.sort(key=_id)
    return found if total is None else found[: max(total - finished(jobs) - _running(jobs), 0)]


def resource_with_room(
    jobs: Sequence[Job], resources: Sequence[Resource], total: int | None
) -> Resource | None:
    """The first resource with room for one more job than there are; None for no such."""
    if total is not None and len(jobs) >= total:
        return None
    for resource in resources:
        own = [job for job in jobs if resource_of(job, resources) is resource]
        limit = resource.max_finished_jobs
        active = len(own) - finished(own)
        if active < resource.max_concurrent and (limit is None or len(own) < limit):
            return resource
    return None


def done(jobs: Sequence[Job], resources: Sequence[Resource], total: int | None) -> bool:
    """Whether the limits are reached: in all, or by every resource."""
    if total is not None and finished(jobs) >= total:
        return True
    for resource in resources:
        own = [job for job in jobs if resource_of(job, resources) is resource]
        if resource.max_finished_jobs is None or finished(own) < resource.max_finished_jobs:
            return False
    return True


def to_adopt(job: Job, now: float, patience_s: float, alive: bool | None) -> bool:
    """Whether a new job of another controller is to be taken over.

    Args:
        job: The job.
        now: Seconds since the epoch.
        patience_s: How long a job may wait for a controller that cannot be seen from here.
        alive: Whether its controller runs; None where that cannot be told.
    """
    if alive is None:
        return now - float(job.get("submit time") or 0.0) > patience_s
    return not alive


def _running(jobs: Iterable[Job]) -> int:
    return sum(job["status"] == "pending" for job in jobs)


def _new(jobs: Iterable[Job]) -> list[Job]:
    return sorted((job for job in jobs if job["status"] == "new"), key=_id)


def _id(job: Job) -> int:
    return int(job["id"])


def finished(jobs: Iterable[Job]) -> int:
    """How many jobs are complete or broken."""
    return sum(job["status"] in FINISHED for job in jobs)


def all_broken(jobs: Sequence[Job], earlier: Iterable[int]) -> Job | None:
    """The last broken job, when nothing but broken jobs came of this run so far.

    Args:
        jobs: All jobs of the experiment.
        earlier: Jobs that were finished before this run began.
    """
    if any(job["status"] == "complete" for job in jobs):
        return None
    known = set(earlier)
    lost = [job for job in jobs if job["status"] == "broken" and job["id"] not in known]
    return lost[-1] if len(lost) >= BROKEN_IN_A_ROW else None
