"""The life of a job: decisions on job documents, without a database or processes.

new -> pending (claimed) -> complete | broken
         |       |
         |       `-> paused -> new again: its training is continued
         `-> new again: its worker died (at most twice), or was stopped, or could not begin
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spearmint.console.printing import shortened

if TYPE_CHECKING:
    from spearmint.config import Resource, Task

Job = Mapping[str, Any]

#: How many more attempts a job gets after its worker died.
RETRIES = 2
#: The run stops when a job could not begin this many times in a row.
BEGIN_LIMIT = 5
#: The run stops when this many jobs failed one after another.
FAILED_LIMIT = 5
FINISHED = ("complete", "broken")
#: The key of a job for the attempt that allows checks of later candidates; 0 = none does.
AHEAD = "ahead"


def complete(
    values: Mapping[str, float],
    measurements: Mapping[str, Any],
    reason: str | None,
    unmeasured: Sequence[str] = (),
) -> dict[str, Any]:
    """Changes that store a result; `unmeasured` are the tasks that the objective left open."""
    changes: dict[str, Any] = {
        "status": "complete",
        "values": dict(values),
        "end time": time.time(),
        "reason": None if reason is None else shortened(reason),
    }
    if measurements:
        changes["measurements"] = dict(measurements)
    if unmeasured:
        changes["unmeasured"] = list(unmeasured)
    return changes


def over_limit(tasks: Iterable[str], limit: str, reason: str) -> dict[str, Any]:
    """Changes for a job that was ended since it exceeded a limit: NaN for every task.

    Args:
        tasks: The tasks.
        limit: The key of config.json that sets it.
        reason: A sentence about it.
    """
    return {**complete(dict.fromkeys(tasks, math.nan), {}, reason), "limit": limit}


def paused(
    job: Job,
    progress: float,
    curve: Iterable[Sequence[float]],
    values: Mapping[str, float],
    measurements: Mapping[str, Any],
    took: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Changes for a job whose training has come to the end of a segment.

    Args:
        job: The job as it was claimed.
        progress: The share of the training that has been done.
        curve: Shares and the values of the objective after them.
        values: Those of the constraints that are known.
        measurements: What else is to be stored.
        took: What the objective says of the segment's seconds (`worker.outcome.Pause`).
    """
    seconds = seconds_so_far(job)
    own = {"seconds": seconds - earlier_seconds(job), **took} if took else None
    return {
        "status": "paused",
        "progress": progress,
        "curve": [list(point) for point in curve],
        "values": dict(values),
        "measurements": all_measurements(job, measurements),
        "earlier seconds": seconds,
        "reason": None,
        "proc_id": None,
    } | ({"segments": [*(job.get("segments") or ()), own]} if own else {})


def all_measurements(job: Job, measurements: Mapping[str, Any]) -> dict[str, Any]:
    """The measurements of a job and those of its earlier segments."""
    earlier = job.get("measurements") if job.get("progress") else None
    return {**(earlier or {}), **measurements}


def seconds_so_far(job: Job) -> float:
    """Seconds that the segments of a job took, the one that runs now included."""
    began = job.get("start time")
    now = 0.0 if began is None else max(time.time() - float(began), 0.0)
    return earlier_seconds(job) + now


def earlier_seconds(job: Job) -> float:
    """Seconds that the segments of a job took before the one that runs now."""
    return float(job.get("earlier seconds") or 0.0)


def continued(until: float, resource: str, controller: str) -> dict[str, Any]:
    """Changes for a paused job that continues.

    Args:
        until: The share of its training at which it is to pause again; 1 for its end.
        resource: Where it runs.
        controller: Who submits it.
    """
    return {"status": "new", "until": until, "resource": resource, "controller": controller}


def allowing_checks(attempt: int, *, allowed: bool) -> dict[str, Any]:
    """Changes for a running job that allows checks of later candidates, or does not any more."""
    return {AHEAD: attempt if allowed else 0}


def allows_checks(job: Job) -> bool:
    """Whether a job runs, and candidates of later jobs may be checked meanwhile."""
    return job["status"] == "pending" and bool(job.get(AHEAD)) and job[AHEAD] == job.get("attempt")


def ended_early(reason: str) -> dict[str, Any]:
    """Changes for a paused job whose training is not worth going on."""
    return {"ended": shortened(reason)}


def can_continue(job: Job) -> bool:
    """Whether a job is paused and may continue."""
    return job["status"] == "paused" and not job.get("ended")


def has_result(job: Job) -> bool:
    """Whether a job has returned a result, which may be NaN, within its limits."""
    return job["status"] == "complete" and not job.get("limit")


def broken(reason: str, *, stops: bool = False) -> dict[str, Any]:
    """Changes for a job that is given up.

    Args:
        reason: Why.
        stops: Whether all other jobs would fail as well, so that the run has to stop.
    """
    changes = {"status": "broken", "reason": shortened(reason), "end time": time.time()}
    return changes | ({"stops": True} if stops else {})


def stopping(jobs: Iterable[Job], earlier: Iterable[int]) -> Job | None:
    """A job of this run which says that all others would fail; None if there is none.

    Args:
        jobs: All jobs of the experiment.
        earlier: Ids of the jobs that were finished before this run began.
    """
    known = set(earlier)
    return next(
        (
            job
            for job in jobs
            if job["status"] == "broken" and job.get("stops") and job["id"] not in known
        ),
        None,
    )


def requeue(reason: str) -> dict[str, Any]:
    """Changes for a job that is to run again, as if this attempt had not been made."""
    return {"status": "new", "reason": shortened(reason), "proc_id": None}


def after_loss(job: Job, reason: str) -> dict[str, Any]:
    """Changes for a job after its worker died: another attempt, or none after `RETRIES`."""
    lost = int(job.get("lost", 0)) + 1
    if lost <= RETRIES:
        return {**requeue(reason), "lost": lost}
    return {**broken(f"{shortened(reason)}; given up after {lost} attempts"), "lost": lost}


def resource_of(job: Job, resources: Sequence[Resource]) -> Resource:
    """The resource that a job runs on; the first one if the resource that it names is gone."""
    named = [resource for resource in resources if resource.name == job.get("resource")]
    return (named or list(resources))[0]


def count_finished(jobs: Iterable[Job]) -> int:
    """How many jobs are complete or broken."""
    return sum(job["status"] in FINISHED for job in jobs)


def is_full(job: Job, tasks: Sequence[Task]) -> bool:
    """Whether a job is complete and was not cut short, that is, has its values or tried to.

    A job is cut short if a value is NaN and a constraint is known to be violated: the rest of the
    evaluation was not worth its time.
    """
    if job["status"] != "complete":
        return False
    values = job.get("values")
    if not isinstance(values, Mapping):
        return True
    numbers = [math.nan if (v := values.get(t.name)) is None else float(v) for t in tasks]
    return not any(map(math.isnan, numbers)) or not any(
        not task.objective and not math.isnan(number) and not task.met(number)
        for task, number in zip(tasks, numbers, strict=True)
    )


def total_limit(
    jobs: Sequence[Job], tasks: Sequence[Task], finished: int | None, full: int | None
) -> int | None:
    """The limit on finished jobs that follows from those on finished and on full jobs.

    A job that runs may turn out to be full, so no more of them start than may still be full.

    Args:
        jobs: All jobs of the experiment.
        tasks: Its tasks.
        finished: The limit on finished jobs; None for no limit.
        full: The limit on jobs that are evaluated in full; None for no limit.
    """
    if full is None:
        return finished
    left = full - sum(is_full(job, tasks) for job in jobs)
    total = count_finished(jobs) + max(left, 0)
    return total if finished is None else min(total, finished)


def startable(jobs: Sequence[Job], resources: Sequence[Resource], total: int | None) -> list[Job]:
    """The new jobs that may start now, lowest `rank` first, then lowest id.

    Every controller of an experiment obtains the same answer: if two of them add a job at the same
    moment, the limits on running and on finished jobs still hold.

    Args:
        jobs: All jobs of the experiment.
        resources: All resources, with their limits.
        total: The limit on finished jobs of all resources together; None for no limit.
    """
    found: list[Job] = []
    for resource in resources:
        own = _jobs_on(resource, jobs, resources)
        running = _count_pending(own)
        room = resource.slots - running
        if resource.max_finished_jobs is not None:
            room = min(room, resource.max_finished_jobs - count_finished(own) - running)
        found += _new(own)[: max(room, 0)]
    found.sort(key=_turn)
    if total is not None:
        room = total - count_finished(jobs) - _count_pending(jobs)
        found = found[: max(room, 0)]
    return found


def resource_with_room(
    jobs: Sequence[Job], resources: Sequence[Resource], total: int | None
) -> Resource | None:
    """The first resource with room for one more job; None if there is no such resource."""
    jobs = [job for job in jobs if job["status"] != "paused"]  # they occupy nothing
    if total is not None and len(jobs) >= total:
        return None
    for resource in resources:
        own = _jobs_on(resource, jobs, resources)
        limit = resource.max_finished_jobs
        active = len(own) - count_finished(own)
        if active < resource.slots and (limit is None or len(own) < limit):
            return resource
    return None


def done(jobs: Sequence[Job], resources: Sequence[Resource], total: int | None) -> bool:
    """Whether the total limit is reached, or the limit of every resource."""
    if total is not None and count_finished(jobs) >= total:
        return True
    for resource in resources:
        own = _jobs_on(resource, jobs, resources)
        if resource.max_finished_jobs is None or count_finished(own) < resource.max_finished_jobs:
            return False
    return True


def may_adopt(job: Job, now: float, patience_s: float, alive: bool | None) -> bool:
    """Whether to take over a new job of another controller.

    Args:
        job: The job.
        now: Seconds since the epoch.
        patience_s: How long a job may wait for a controller on another machine.
        alive: Whether its controller runs; None if it is on another machine.
    """
    if alive is None:
        return now - float(job.get("submit time") or 0.0) > patience_s
    return not alive


def retried(job: Job) -> dict[str, Any]:
    """Changes for a broken job that the user wants to run again, with all its attempts."""
    changes = requeue(f"runs again; it broke: {job.get('reason')}")
    return {**changes, "lost": 0, "end time": None, "stops": None}


def failed_in_a_row(jobs: Sequence[Job], earlier: Iterable[int]) -> list[Job]:
    """The `FAILED_LIMIT` jobs of this run that finished last, if these have failed; else none.

    They have failed if all of them broke. Jobs that exceeded a limit count too while no job of the
    experiment has a result: later, they only show where in the space there is none.

    Args:
        jobs: All jobs of the experiment.
        earlier: Ids of the jobs that were finished before this run began.
    """
    known = set(earlier)
    own = [job for job in jobs if job["status"] in FINISHED and job["id"] not in known]
    last = sorted(own, key=_end)[-FAILED_LIMIT:]
    if len(last) < FAILED_LIMIT or any(map(has_result, last)):
        return []
    return last if _all_broke(last) or not any(map(has_result, jobs)) else []


def _all_broke(jobs: Iterable[Job]) -> bool:
    return all(job["status"] == "broken" for job in jobs)


def _end(job: Job) -> tuple[float, int]:
    return float(job.get("end time") or 0.0), _id(job)


def _jobs_on(resource: Resource, jobs: Iterable[Job], resources: Sequence[Resource]) -> list[Job]:
    return [job for job in jobs if resource_of(job, resources) is resource]


def _count_pending(jobs: Iterable[Job]) -> int:
    return sum(job["status"] == "pending" for job in jobs)


def _new(jobs: Iterable[Job]) -> list[Job]:
    return sorted((job for job in jobs if job["status"] == "new"), key=_turn)


def _turn(job: Job) -> tuple[float, int]:
    """When a new job's turn is: by its `rank`, if it has one, then by its id."""
    rank = job.get("rank")
    return (float(rank) if isinstance(rank, int | float) else 0.0), _id(job)


def _id(job: Job) -> int:
    return int(job["id"])
