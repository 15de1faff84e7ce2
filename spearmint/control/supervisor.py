"""Submits jobs, detects processes that have ended or are silent, and stops jobs."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spearmint import lifecycle, processes
from spearmint.config import Config
from spearmint.console.command_line import counted
from spearmint.console.printing import one_line
from spearmint.control.beginnings import Beginnings
from spearmint.control.ends import Fate, fate, loss_reason
from spearmint.control.progress import Progress
from spearmint.database import Database, Document
from spearmint.optimiser.curves import next_share
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
        until: The share of its training at which it pauses; None if it does not.
    """

    job_id: int
    attempt: int
    scheduler: Scheduler
    until: float | None = None


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
        obstacle: Why the run cannot continue: a job that could not begin again and again.
    """

    config: Config
    store: Database
    schedulers: Mapping[str, Scheduler]
    progress: Progress
    identity: str = field(default_factory=lambda: processes.identity() or "unknown")
    submitted: dict[str, SubmittedJob] = field(default_factory=dict, init=False)
    obstacle: str | None = field(default=None, init=False)
    # Processes that have ended. They stay here until the database has answered.
    _ended: list[Ended] = field(default_factory=list, init=False)
    _beginnings: Beginnings = field(default_factory=Beginnings, init=False)
    _leases_count_from: float = field(default=0.0, init=False)

    # -- submission ----------------------------------------------------------------------------

    def has_submitted(self, job_id: int) -> bool:
        """Whether this controller supervises a process of the job."""
        return any(submitted.job_id == job_id for submitted in self.submitted.values())

    def is_delayed(self, job_id: int) -> bool:
        """Whether the job could not begin a moment ago, so that it should wait."""
        return self._beginnings.is_delayed(job_id)

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
        job = self._pausing_as_configured(job)
        try:
            proc_id = scheduler.submit(self.spec(job))
        except SubmissionDelayedError:
            self._print_notices(scheduler)
            return False
        attempt = int(job.get("attempt", 0))
        self.submitted[proc_id] = SubmittedJob(job["id"], attempt, scheduler, job.get("until"))
        if scheduler.durable_ids:
            # Without effect if the job has begun by now: then it has stored its proc_id itself.
            self._update(job, {"proc_id": proc_id})
        return True

    def _pausing_as_configured(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        """The job, which pauses only if config.json says so now; it may be of an earlier run."""
        stopping = self.config.problem.stopping
        if (stopping is None) == (job.get("until") is None):
            return job
        until: float | None = None
        if stopping is not None:
            until = next_share(float(job.get("progress") or 0.0), stopping.segments)
        self._update(job, {"until": until})
        return {**job, "until": until}

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
                until = job.get("until")
                self.submitted[proc_id] = SubmittedJob(job["id"], attempt, scheduler, until)
                count += 1
            self._print_notices(scheduler)
        return count

    def retry_broken(self, jobs: Sequence[Mapping[str, Any]]) -> int:
        """Makes broken jobs new again; returns how many."""
        own = {"controller": self.identity}
        broken = [job for job in jobs if job["status"] == "broken"]
        count = sum(self._update(job, {**lifecycle.retried(job), **own}) for job in broken)
        if count:
            self.progress.print(f"{counted(count, 'broken job')} will run again")
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
            self.progress.print(one_line(line))

    # -- supervision ---------------------------------------------------------------------------

    def poll(self) -> list[Document]:
        """Handles processes that have ended and leases that have expired; returns all jobs."""
        for scheduler in self.schedulers.values():
            self._ended += scheduler.poll()
            self._print_notices(scheduler)
        # Read after the processes were polled: the results of those that have ended are in here.
        jobs = self.store.brief_jobs(self.config.experiment)
        changed = bool(self._ended)
        self._handle_ended({job["id"]: job for job in jobs})
        for job in jobs:
            if job["status"] != "pending" or self.has_submitted(job["id"]):
                continue  # a scheduler will report the end of those that were submitted
            if processes.is_alive(job.get("worker")) is False:
                processes.kill_group(job["worker"], self.config.experiment)
                reason = loss_reason("before storing a result")
                changed |= self._record_loss(job, reason, counts=not self._is_interrupted(job))
        if time.monotonic() >= self._leases_count_from:
            for job in self.store.expired(self.config.experiment):
                changed |= self._handle_expired(job)
        return self.store.brief_jobs(self.config.experiment) if changed else jobs

    def trust_no_lease(self) -> None:
        """Tells that the database was away: for the length of a lease, none counts as expired.

        Its workers could not renew their leases.
        """
        self._leases_count_from = time.monotonic() + self.config.lease_time

    def _handle_ended(self, jobs: Mapping[int, Document]) -> None:
        """Records what the ends of processes mean for their jobs.

        Raises:
            DatabaseUnavailableError: The ends that were not recorded are handled by the next call.
        """
        while self._ended:
            end = self._ended[0]
            submitted = self.submitted.get(end.proc_id)
            job = jobs.get(submitted.job_id) if submitted else None
            if submitted and job:
                self._handle_end(job, submitted, end)
            self.submitted.pop(end.proc_id, None)
            del self._ended[0]

    def _handle_end(self, job: Document, submitted: SubmittedJob, end: Ended) -> None:
        if submitted.until != job.get("until"):
            return  # it was paused, and another controller has continued it since
        durable = submitted.scheduler.durable_ids
        found = fate(job, submitted.attempt, end, durable_ids=durable)
        if found is Fate.UNBEGUN:
            self._put_back(job, submitted, end)
            return
        self._beginnings.succeeded(job["id"])
        if found is not Fate.SETTLED:
            reason = loss_reason(found.value, end.description, end.last_output_line)
            self._record_loss(job, reason)

    def _put_back(self, job: Document, submitted: SubmittedJob, end: Ended) -> None:
        """Handles a process that ended before its job began, which is not the job's fault."""
        # A process that had claimed the job has stored why it put it back.
        has_claimed = int(job.get("attempt", 0)) > submitted.attempt
        line = end.last_output_line or (str(job.get("reason")) if has_claimed else "")
        reason = loss_reason(Fate.UNBEGUN.value, end.description, line)
        self._update(job, {**lifecycle.requeue(reason), "controller": self.identity})
        count = self._beginnings.failed(job["id"])
        if count < lifecycle.BEGIN_LIMIT:
            self.progress.print(
                f"retrying job {job['id']}, which could not begin: {one_line(reason)}"
            )
        else:
            self.obstacle = (
                f"job {job['id']} could not begin, {count} times in a row: {one_line(reason)}"
            )

    def _is_interrupted(self, job: Mapping[str, Any]) -> bool:
        """Whether the controller of a job has ended too, so that its loss says nothing about it."""
        controller = job.get("controller")
        return controller != self.identity and processes.has_ended(controller)

    def _handle_expired(self, job: Document) -> bool:
        """Records the loss of a job whose lease has expired; False if its worker runs here."""
        worker = job.get("worker")
        if processes.is_alive(worker) and not processes.is_stopped(str(worker)):
            # Code that holds Python's lock delays the thread of the heartbeat.
            lease_s = self.config.lease_time
            self.store.beat(self.config.experiment, job["id"], job["attempt"], lease_s)
            return False
        if isinstance(worker, str):
            processes.kill_group(worker, self.config.experiment)
        for proc_id, submitted in list(self.submitted.items()):
            if submitted.job_id == job["id"] and submitted.scheduler.durable_ids:
                submitted.scheduler.cancel(proc_id)  # it may be halted, or its node cut off
                del self.submitted[proc_id]
        silence = f"{self.config.lease_time:g} s"
        reason = f"no heartbeat from its worker for {silence}"
        return self._record_loss(job, reason, counts=not self._is_interrupted(job))

    def _record_loss(self, job: Document, reason: str, *, counts: bool = True) -> bool:
        """Requeues a lost job, or gives it up; False if somebody has changed it meanwhile.

        Args:
            job: The job as it was read.
            reason: Why it is lost.
            counts: Whether this attempt counts as one of the job's own.
        """
        changes = lifecycle.after_loss(job, reason) if counts else lifecycle.requeue(reason)
        if changes["status"] == "new":
            changes["controller"] = self.identity
        if not self._update(job, changes):
            return False
        if changes["status"] == "new":
            self.progress.print(f"retrying job {job['id']}: {one_line(reason)}")
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

        Jobs of dead controllers on this machine are stopped as well. Processes are ended before
        the database is asked, which may be away.

        Raises:
            DatabaseUnavailableError: The processes have ended; the next controller puts their jobs
                back.
        """
        for scheduler in self.schedulers.values():
            scheduler.stop(GRACE_S)
            self._ended += scheduler.poll()
            self._print_notices(scheduler)
        attempts = {each.job_id: each.attempt for each in self.submitted.values()}
        ended = {end.proc_id for end in self._ended}
        jobs = self.store.brief_jobs(self.config.experiment)
        begun = {
            job["id"]
            for job in jobs
            if int(job.get("attempt", 0)) > attempts.get(job["id"], sys.maxsize)
        }
        own = [job for job in jobs if job["status"] == "pending" and self._is_own(job)]
        workers = [str(job["worker"]) for job in own if processes.is_alive(job.get("worker"))]
        processes.end(workers, self.config.experiment, GRACE_S)
        for job in own:
            if processes.is_alive(job.get("worker")) is False or job.get("proc_id") in ended:
                self._update(job, lifecycle.requeue("stopped with its controller"))
        ids = begun | {job["id"] for job in own}
        return sum(job["id"] in ids for job in self.store.jobs(self.config.experiment, "new"))

    def _is_own(self, job: Mapping[str, Any]) -> bool:
        controller = job.get("controller")
        return controller == self.identity or processes.is_alive(controller) is False
