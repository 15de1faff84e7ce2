"""Paused trainings: which one continues, and what is told about them."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spearmint import lifecycle
from spearmint.config import Resource, Stopping
from spearmint.control.progress import Progress
from spearmint.control.suggestions import Suggestions
from spearmint.control.supervisor import Supervisor
from spearmint.database import Document
from spearmint.optimiser.curves import next_share, shares
from spearmint.optimiser.elapsed import seconds_left, seconds_of_all, seconds_taken

#: Seconds that the process of a job which has just paused may take to end.
ENDING_S = 5.0


@dataclass(slots=True)
class Pauses:
    """Continues paused jobs as the chooser decides.

    Args:
        stopping: The rule.
        supervisor: Changes the jobs.
        suggestions: Asks the chooser.
        progress: Prints lines.

    Attributes:
        are_undecided: Whether a paused job may still continue, although no new job can begin.
    """

    stopping: Stopping
    supervisor: Supervisor
    suggestions: Suggestions
    progress: Progress
    are_undecided: bool = field(default=True, init=False)
    _told: dict[int, float] = field(default_factory=dict, init=False)
    _ending: dict[int, float] = field(default_factory=dict, init=False)  # since when, by job

    @property
    def first_share(self) -> float:
        """The share of its training after which a new job pauses for the first time."""
        return shares(self.stopping.segments)[0]

    def begin(self, jobs: Sequence[Document]) -> None:
        """Remembers which jobs were paused before this run."""
        self._told = {job["id"]: job["progress"] for job in jobs if job["status"] == "paused"}

    def report(self, jobs: Sequence[Document]) -> None:
        """Tells which jobs have paused."""
        for job in jobs:
            if job["status"] == "paused" and self._told.get(job["id"]) != job["progress"]:
                self._told[job["id"]] = job["progress"]
                self.are_undecided = True
                self.progress.paused(job)

    def are_ending(self, jobs: Sequence[Document]) -> bool:
        """Whether the process of a job that has just paused is about to end.

        Until then, the job cannot continue, and `go_on` would pass it over. A process is not waited
        for if it takes long, or runs on a cluster, whose queue may report its end late.
        """
        local = {one.name for one in self.supervisor.config.resources if one.scheduler == "local"}
        ending = [
            job["id"]
            for job in jobs
            if lifecycle.can_continue(job)
            and job.get("resource") in local
            and self.supervisor.has_submitted(job["id"])
        ]
        now = time.monotonic()
        self._ending = {job_id: self._ending.get(job_id, now) for job_id in ending}
        return any(now - since < ENDING_S for since in self._ending.values())

    def go_on(self, jobs: Sequence[Document], resource: Resource, left_s: float) -> bool:
        """Makes one paused job new again, if the chooser wants that; False if it does not.

        A training begins or continues only if it can end within the time that is left; but there is
        always one result.

        Args:
            jobs: All jobs.
            resource: Where there is room.
            left_s: Seconds until no job is started any more.
        """
        able = [job for job in jobs if self._is_able(job, left_s, jobs)]
        hidden = {job["id"] for job in jobs if lifecycle.can_continue(job)} - {
            job["id"] for job in able
        }
        shown = [{**job, "ended": "no time"} if job["id"] in hidden else job for job in jobs]
        new = not self.suggestions.exhausted and self._whole_s(jobs) <= left_s
        decision = self.suggestions.pausing(shown, new=new)
        by_id = {job["id"]: job for job in able}
        for job_id, reason in decision.ended.items():
            if self._change(by_id[job_id], lifecycle.ended_early(reason)):
                self.progress.ended_early(by_id[job_id], reason)
        # What has just paused is decided about when its process has ended.
        has_process = any(
            lifecycle.can_continue(job) and self.supervisor.has_submitted(job["id"]) for job in jobs
        )
        # If a new job comes first, and then there is none, this is decided again without one.
        self.are_undecided = new or decision.job is not None or has_process
        if decision.job is None:
            return bool(decision.ended)
        job = by_id[decision.job]
        done = max(float(job["progress"]), float(job.get("until") or 0.0))
        until = next_share(done, self.stopping.segments)
        self._change(job, lifecycle.continued(until, resource.name, self.supervisor.identity))
        return True  # if somebody else has changed it, the next look at the jobs decides anew

    def _change(self, job: Document, changes: Mapping[str, Any]) -> bool:
        """Changes a paused job; False if somebody has changed it since it was read."""
        attempt = int(job.get("attempt", 0))
        config = self.supervisor.config
        return self.supervisor.store.update(
            config.experiment, job["id"], status="paused", attempt=attempt, changes=changes
        )

    def need_time(self, jobs: Sequence[Document]) -> bool:
        """Whether there is no result yet, so that a paused job continues although time is up."""
        if any(map(lifecycle.has_result, jobs)):
            return False
        return any(
            (self.are_undecided and lifecycle.can_continue(job))
            or (job["status"] in ("new", "pending") and bool(job.get("progress")))
            for job in jobs
        )

    def _is_able(self, job: Document, left_s: float, jobs: Sequence[Document]) -> bool:
        """Whether a paused job may continue: its process has ended, and the rest fits."""
        if not lifecycle.can_continue(job) or self.supervisor.has_submitted(job["id"]):
            return False
        if not any(map(lifecycle.has_result, jobs)):
            return True
        return seconds_left(job) <= left_s

    @staticmethod
    def _whole_s(jobs: Sequence[Document]) -> float:
        """Seconds that a new training takes with its pauses: the median of those that were paused.

        What a training will take is known the better, the more of it has been done: its share of
        the training is its weight. 0 if nothing is known.
        """
        known = sorted(
            (seconds, _weight(job))
            for job in jobs
            if job.get("progress") and not math.isnan(seconds := _whole_seconds(job))
        )
        half = sum(weight for _, weight in known) / 2
        sums = itertools.accumulate(weight for _, weight in known)
        return next((known[i][0] for i, total in enumerate(sums) if total >= half), 0.0)


def _whole_seconds(job: Document) -> float:
    """Seconds that a job which was paused took, or is expected to take; NaN if unknown."""
    return seconds_taken(job) if _has_ended(job) else seconds_of_all(job)


def _weight(job: Document) -> float:
    return 1.0 if _has_ended(job) else float(job["progress"])


def _has_ended(job: Document) -> bool:
    """Whether a training came to its end: one that failed was cut short."""
    values = job.get("values")
    numbers = values.values() if isinstance(values, Mapping) else [values]
    are_known = all(isinstance(one, int | float) and math.isfinite(one) for one in numbers)
    return job["status"] == "complete" and are_known
