"""Jobs that run: what was submitted is looked after, and stopped when it must be."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spearmint import lifecycle, processes
from spearmint.config import Config
from spearmint.control.progress import Progress
from spearmint.database import Database, Document
from spearmint.schedulers import Ended, Scheduler, SubmissionDelayedError
from spearmint.worker.job_spec import JobSpec

#: What a stopped job's process is given to clean up, in seconds.
GRACE_S = 5.0


@dataclass(slots=True)
class SubmittedJob:
    """A job that this controller has submitted."""

    job_id: int
    attempt: int
    scheduler: Scheduler


@dataclass(slots=True)
class Supervisor:
    """Submits jobs, and finds those whose process is gone or silent.

    Args:
        config: The experiment.
        store: Its database.
        schedulers: One a resource, by its name.
        progress: Tells people.
        me: The identity of this controller.
    """

    config: Config
    store: Database
    schedulers: Mapping[str, Scheduler]
    progress: Progress
    me: str = field(default_factory=lambda: processes.identity() or "unknown")
    submitted: dict[str, SubmittedJob] = field(default_factory=dict)

    def holds(self, job_id: int) -> bool:
        """Whether the job has been submitted from here and its process is not gone."""
        return any(held.job_id == job_id for held in self.submitted.values())

    def adopt(self, job: Mapping[str, Any]) -> bool:
        """Whether a new job is this controller's to start; takes over those of dead ones."""
        if job.get("controller") == self.me:
            return True
        alive = processes.is_alive(job.get("controller"))
        if not lifecycle.to_adopt(job, time.time(), self.config.lease_time, alive):
            return False
        return self.update(job, {"controller": self.me})

    def left_behind(self, job: Mapping[str, Any]) -> bool:
        """Whether a controller that is gone has submitted a job that is not finished."""
        if not isinstance(job.get("proc_id"), str):
            return False
        if job["status"] == "new":
            return self.adopt(job)
        return job["status"] == "pending" and processes.is_alive(job.get("controller")) is False

    def submit(self, job: Mapping[str, Any]) -> bool:
        """Has a new job run on its resource; False where that takes none at this moment."""
        if self.resume([job]):
            return True
        scheduler = self._scheduler(job)
        try:
            name = scheduler.submit(self.spec(job))
        except SubmissionDelayedError:
            self._say_notices(scheduler)
            return False
        self.submitted[name] = SubmittedJob(job["id"], int(job.get("attempt", 0)), scheduler)
        if scheduler.durable_ids:
            self.update(job, {"proc_id": name})  # unless the job has begun, and says so itself
        return True

    def resume(self, jobs: Iterable[Mapping[str, Any]]) -> int:
        """Takes up what other controllers submitted and is not gone; how many of these jobs."""
        found = 0
        for scheduler in self.schedulers.values():
            named = {
                job["proc_id"]: job
                for job in jobs
                if isinstance(job.get("proc_id"), str) and self._scheduler(job) is scheduler
            }
            specs = {name: self.spec(job) for name, job in named.items()}
            for name in scheduler.resume(specs) if specs else ():
                job = named[name]
                attempt = int(job.get("attempt", 0)) - (job["status"] == "pending")
                self.submitted[name] = SubmittedJob(job["id"], attempt, scheduler)
                found += 1
            self._say_notices(scheduler)
        return found

    def withdraw(self) -> None:
        """Takes jobs that wait in a queue out of it; they stay new."""
        for scheduler in self.schedulers.values():
            scheduler.withdraw()

    def _scheduler(self, job: Mapping[str, Any]) -> Scheduler:
        return self.schedulers[lifecycle.resource_of(job, self.config.resources).name]

    def _say_notices(self, scheduler: Scheduler) -> None:
        for line in scheduler.notices():
            self.progress.say(line)

    def spec(self, job: Mapping[str, Any]) -> JobSpec:
        """What the worker of a job is told."""
        config = self.config
        resource = lifecycle.resource_of(job, config.resources)
        return JobSpec(
            job_id=job["id"],
            experiment=config.experiment,
            folder=str(config.folder or Path.cwd()),
            output_subdir=resource.output_subdir,
            main_file=config.main_file,
            tasks=config.task_names,
            address=config.address,
            database=config.database,
            lease_s=config.lease_time,
        )

    def poll(self) -> list[Document]:
        """Looks after what was started; returns all jobs as they stand."""
        ended = [end for scheduler in self.schedulers.values() for end in scheduler.poll()]
        for scheduler in self.schedulers.values():
            self._say_notices(scheduler)
        # Read after the processes were looked at: what an ended one stored is in here.
        jobs = self.store.jobs(self.config.experiment)
        by_id = {job["id"]: job for job in jobs}
        how = self._ended(ended, by_id)
        changed = bool(ended)
        for job in jobs:
            if job["status"] != "pending" or self.holds(job["id"]):
                continue  # of those in hand it will be told how they ended
            if processes.is_alive(job.get("worker")) is False:
                processes.kill_group(job["worker"])
                reason = f"its process ended {how.get(job['id'], 'unseen')} before it had a result"
                changed |= self._record_loss(job, reason)
        for job in self.store.expired(self.config.experiment):
            changed |= self._expire(job)
        return self.store.jobs(self.config.experiment) if changed else jobs

    def _ended(self, ended: Iterable[Ended], jobs: Mapping[int, Document]) -> dict[int, str]:
        """Forgets processes that are gone; says how each job's ended."""
        how = {}
        for end in ended:
            held = self.submitted.pop(end.proc_id, None)
            if held is None:
                continue
            how[held.job_id] = end.description
            job = jobs.get(held.job_id)
            when = _unfinished(job, held, end) if job else None
            if job and when and not end.excused:
                words = f"; its last words: {end.last_output_line}" if end.last_output_line else ""
                self._record_loss(job, f"its process ended {end.description} {when}{words}")
        return how

    def _expire(self, job: Document) -> bool:
        """A lease is over: the job is lost, unless its worker is seen to run on this machine."""
        worker = job.get("worker")
        if processes.is_alive(worker) and not processes.is_stopped(str(worker)):
            # Its heart beats in a thread, which code that holds Python's lock keeps waiting.
            lease = self.config.lease_time
            self.store.beat(self.config.experiment, job["id"], job["attempt"], lease)
            return False
        if isinstance(worker, str):
            processes.kill_group(worker)
        for name, held in list(self.submitted.items()):
            if held.job_id == job["id"] and held.scheduler.durable_ids:
                held.scheduler.cancel(name)  # where it was halted, or its node cut off
                del self.submitted[name]
        silence = f"{self.config.lease_time:g} s"
        return self._record_loss(job, f"its worker gave no sign of life for {silence}")

    def _record_loss(self, job: Document, reason: str) -> bool:
        changes = lifecycle.after_loss(job, reason)
        if changes["status"] == "new":
            changes["controller"] = self.me
        if not self.update(job, changes):
            return False
        if changes["status"] == "new":
            self.progress.say(f"job {job['id']} is tried again: {reason}")
        return True

    def update(self, job: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
        """Changes a job that nobody has changed since it was read."""
        return self.store.update(
            self.config.experiment,
            job["id"],
            status=job["status"],
            attempt=int(job.get("attempt", 0)),
            changes=changes,
        )

    def stop(self) -> int:
        """Ends the jobs that run here, and puts them back; how many."""
        before = self.store.jobs(self.config.experiment, "pending")
        mine = [job for job in before if self._is_mine(job)]
        for scheduler in self.schedulers.values():
            scheduler.stop(GRACE_S)
            self._say_notices(scheduler)
        gone = {end.proc_id for scheduler in self.schedulers.values() for end in scheduler.poll()}
        orphans = [str(job["worker"]) for job in mine if processes.is_alive(job.get("worker"))]
        for worker in orphans:
            processes.terminate(worker)
        end = time.monotonic() + GRACE_S
        while any(processes.is_alive(worker) for worker in orphans) and time.monotonic() < end:
            time.sleep(0.05)
        for worker in orphans:
            processes.kill_group(worker)
        for job in mine:
            if processes.is_alive(job.get("worker")) is False or job.get("proc_id") in gone:
                self.update(job, lifecycle.requeue("stopped with its controller"))
        ids = {job["id"] for job in mine}
        return sum(job["id"] in ids for job in self.store.jobs(self.config.experiment, "new"))

    def _is_mine(self, job: Mapping[str, Any]) -> bool:
        """A job of this controller, or on this machine and of one that is gone."""
        controller = job.get("controller")
        return controller == self.me or processes.is_alive(controller) is False


def _unfinished(job: Document, held: SubmittedJob, end: Ended) -> str | None:
    """What a process that has ended has left of its job, for a person; None where it is no loss."""
    attempt = int(job.get("attempt", 0))
    if job["status"] == "new" and attempt == held.attempt:
        return "before it took the job"
    if not held.scheduler.durable_ids:
        return None  # what becomes of a local process is seen by its number
    if job["status"] == "new" and attempt == held.attempt + 1:
        # It was asked to end, and not from here: a limit of time, an administrator.
        return "and put the job back"
    if job["status"] == "pending" and job.get("proc_id") == end.proc_id:
        return "before it had a result"
    return None
