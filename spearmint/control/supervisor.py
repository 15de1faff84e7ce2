"""Submits jobs, detects processes that have ended or are silent, and stops jobs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spearmint import lifecycle, processes
from spearmint.config import Config
from spearmint.control.progress import Progress
from spearmint.database import Database, Document
from spearmint.schedulers import Ended, Scheduler, SubmissionDelayedError
from spearmint.worker.job_spec import JobSpec

#: How long the process of a stopped job may clean up, in seconds.
GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class SubmittedJob:
    """A job that this controller has submitted or resumed, until its process ends.

    Attributes:
        job_id: The job.
        attempt: Its attempt before the process claims it.
        scheduler: The scheduler that runs it.
    """

    job_id: int
    attempt: int
    scheduler: Scheduler


@dataclass(slots=True)
class Supervisor:
    """Submits jobs, and supervises them until they finish.

    Args:
        config: The experiment.
        store: Its database.
        schedulers: The scheduler of each resource, by the resource's name.
        progress: Prints lines.
        identity: The identity of this controller's process.

    Attributes:
        submitted: Jobs by the `proc_id` that their scheduler gave to them.
    """

    config: Config
    store: Database
    schedulers: Mapping[str, Scheduler]
    progress: Progress
    identity: str = field(default_factory=lambda: processes.identity() or "unknown")
    submitted: dict[str, SubmittedJob] = field(default_factory=dict, init=False)

    # -- submission ----------------------------------------------------------------------------

    def has_submitted(self, job_id: int) -> bool:
        """Whether this controller supervises a process of the job."""
        return any(submitted.job_id == job_id for submitted in self.submitted.values())

    def adopt(self, job: Mapping[str, Any]) -> bool:
        """Takes over a new job of a dead controller; False if it is another controller's."""
        if job.get("controller") == self.identity:
            return True
        alive = processes.is_alive(job.get("controller"))
        if not lifecycle.may_adopt(job, time.time(), self.config.lease_time, alive):
            return False
        return self._update(job, {"controller": self.identity})

    def is_orphan(self, job: Mapping[str, Any]) -> bool:
        """Whether a controller that is dead submitted this job, and it is not finished."""
        if not isinstance(job.get("proc_id"), str):
            return False
        if job["status"] == "new":
            return self.adopt(job)
        return job["status"] == "pending" and processes.is_alive(job.get("controller")) is False

    def submit(self, job: Mapping[str, Any]) -> bool:
        """Submits a new job to its resource; False if the resource accepts none right now."""
        scheduler = self._scheduler(job)
        try:
            proc_id = scheduler.submit(self.spec(job))
        except SubmissionDelayedError:
            self._print_notices(scheduler)
            return False
        self.submitted[proc_id] = SubmittedJob(job["id"], int(job.get("attempt", 0)), scheduler)
        if scheduler.durable_ids:
            # Without effect if the job has begun by now: then it has stored its proc_id itself.
            self._update(job, {"proc_id": proc_id})
        return True

    def resume(self, jobs: Sequence[Mapping[str, Any]]) -> int:
        """Supervises the jobs whose processes, submitted by dead controllers, still run or wait.

        Returns:
            The number of such jobs.
        """
        count = 0
        for scheduler in self.schedulers.values():
            named = {
                job["proc_id"]: job
                for job in jobs
                if isinstance(job.get("proc_id"), str) and self._scheduler(job) is scheduler
            }
            if not named:
                continue
            for proc_id in scheduler.resume({name: self.spec(job) for name, job in named.items()}):
                job = named[proc_id]
                attempt = int(job.get("attempt", 0)) - (job["status"] == "pending")
                self.submitted[proc_id] = SubmittedJob(job["id"], attempt, scheduler)
                count += 1
            self._print_notices(scheduler)
        return count

    def withdraw(self) -> None:
        """Removes waiting jobs from the queues of batch systems; their status remains new."""
        for scheduler in self.schedulers.values():
            scheduler.withdraw()

    def spec(self, job: Mapping[str, Any]) -> JobSpec:
        """What the worker of a job needs to know."""
        return JobSpec.of(self.config, job)

    def sources(self) -> list[int]:
        """File descriptors that become readable when `poll` may have news."""
        return [source for each in self.schedulers.values() for source in each.sources()]

    def _scheduler(self, job: Mapping[str, Any]) -> Scheduler:
        return self.schedulers[lifecycle.resource_of(job, self.config.resources).name]

    def _print_notices(self, scheduler: Scheduler) -> None:
        for line in scheduler.notices():
            self.progress.print(line)

    # -- supervision ---------------------------------------------------------------------------

    def poll(self) -> list[Document]:
        """Handles processes that have ended and leases that have expired; returns all jobs."""
        ended = [end for scheduler in self.schedulers.values() for end in scheduler.poll()]
        for scheduler in self.schedulers.values():
            self._print_notices(scheduler)
        # Read after the processes were polled: the results of those that have ended are in here.
        jobs = self.store.jobs(self.config.experiment)
        descriptions = self._handle_ended(ended, {job["id"]: job for job in jobs})
        changed = bool(ended)
        for job in jobs:
            if job["status"] != "pending" or self.has_submitted(job["id"]):
                continue  # a scheduler will report the end of those that were submitted
            if processes.is_alive(job.get("worker")) is False:
                processes.kill_group(job["worker"])
                reason = _reason("before storing a result", descriptions.get(job["id"], ""))
                changed |= self._record_loss(job, reason)
        for job in self.store.expired(self.config.experiment):
            changed |= self._handle_expired(job)
        return self.store.jobs(self.config.experiment) if changed else jobs

    def _handle_ended(self, ended: Iterable[Ended], jobs: Mapping[int, Document]) -> dict[int, str]:
        """Records the losses of jobs by processes that have ended.

        Returns:
            The descriptions of how they ended, by the job's id.
        """
        descriptions = {}
        for end in ended:
            submitted = self.submitted.pop(end.proc_id, None)
            if submitted is None:
                continue
            descriptions[submitted.job_id] = end.description
            job = jobs.get(submitted.job_id)
            when = _loss(job, submitted, end) if job else None
            if job and when and not end.excused:
                self._record_loss(job, _reason(when, end.description, end.last_output_line))
        return descriptions

    def _handle_expired(self, job: Document) -> bool:
        """Records the loss of a job whose lease has expired; False if its worker runs here."""
        worker = job.get("worker")
        if processes.is_alive(worker) and not processes.is_stopped(str(worker)):
            # Code that holds Python's lock delays the thread of the heartbeat.
            lease_s = self.config.lease_time
            self.store.beat(self.config.experiment, job["id"], job["attempt"], lease_s)
            return False
        if isinstance(worker, str):
            processes.kill_group(worker)
        for proc_id, submitted in list(self.submitted.items()):
            if submitted.job_id == job["id"] and submitted.scheduler.durable_ids:
                submitted.scheduler.cancel(proc_id)  # it may be halted, or its node cut off
                del self.submitted[proc_id]
        silence = f"{self.config.lease_time:g} s"
        return self._record_loss(job, f"no heartbeat from its worker for {silence}")

    def _record_loss(self, job: Document, reason: str) -> bool:
        """Requeues a lost job, or gives it up; False if somebody has changed it meanwhile."""
        changes = lifecycle.after_loss(job, reason)
        if changes["status"] == "new":
            changes["controller"] = self.identity
        if not self._update(job, changes):
            return False
        if changes["status"] == "new":
            self.progress.print(f"retrying job {job['id']}: {reason}")
        return True

    def _update(self, job: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
        """Changes a job; False if somebody has changed it since it was read."""
        return self.store.update(
            self.config.experiment,
            job["id"],
            status=job["status"],
            attempt=int(job.get("attempt", 0)),
            changes=changes,
        )

    # -- the end -------------------------------------------------------------------------------

    def stop(self) -> int:
        """Stops the jobs of this controller and requeues them; returns how many are new again.

        Jobs of dead controllers on this machine are stopped as well.
        """
        pending = self.store.jobs(self.config.experiment, "pending")
        own = [job for job in pending if self._is_own(job)]
        for scheduler in self.schedulers.values():
            scheduler.stop(GRACE_S)
            self._print_notices(scheduler)
        ended = {end.proc_id for scheduler in self.schedulers.values() for end in scheduler.poll()}
        _stop_processes(
            [str(job["worker"]) for job in own if processes.is_alive(job.get("worker"))]
        )
        for job in own:
            if processes.is_alive(job.get("worker")) is False or job.get("proc_id") in ended:
                self._update(job, lifecycle.requeue("stopped with its controller"))
        ids = {job["id"] for job in own}
        return sum(job["id"] in ids for job in self.store.jobs(self.config.experiment, "new"))

    def _is_own(self, job: Mapping[str, Any]) -> bool:
        controller = job.get("controller")
        return controller == self.identity or processes.is_alive(controller) is False


def _stop_processes(identities: Sequence[str]) -> None:
    """Asks processes to end, and kills their groups after `GRACE_S`."""
    for identity in identities:
        processes.terminate(identity)
    end = time.monotonic() + GRACE_S
    while any(map(processes.is_alive, identities)) and time.monotonic() < end:
        time.sleep(0.05)
    for identity in identities:
        processes.kill_group(identity)


def _reason(when: str, description: str, last_output_line: str = "") -> str:
    """Why a job is lost: "its process ended before storing a result: killed by SIGKILL"."""
    reason = f"its process ended {when}" + (f": {description}" if description else "")
    return f"{reason}; last output: {last_output_line}" if last_output_line else reason


def _loss(job: Document, submitted: SubmittedJob, end: Ended) -> str | None:
    """When a process ended, if its job is lost by that: "before storing a result".

    None if the job is not lost. A local process that ends after its claim is not handled here:
    `poll` detects it by its identity.
    """
    attempt = int(job.get("attempt", 0))
    if job["status"] == "new" and attempt == submitted.attempt:
        return "before claiming the job"
    if not submitted.scheduler.durable_ids:
        return None
    if job["status"] == "new" and attempt == submitted.attempt + 1:
        # Not asked to end by this controller, but by a time limit or an administrator.
        return "after requeueing the job"
    if job["status"] == "pending" and job.get("proc_id") == end.proc_id:
        return "before storing a result"
    return None
