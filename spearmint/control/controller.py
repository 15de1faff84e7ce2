"""The loop: suggest, submit, supervise, until the experiment is done.

Everything that must persist is in the database: a controller may be killed at any moment, and
another one continues. Two controllers of one experiment share its jobs and limits.
"""

from __future__ import annotations

import select
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from spearmint import lifecycle
from spearmint.config import Config, Resource
from spearmint.console.command_line import counted
from spearmint.console.printing import printable
from spearmint.control import reasons
from spearmint.control.ahead import Ahead, basis_of
from spearmint.control.expectations import EXPECTED, VERSION
from spearmint.control.interrupts import Interrupts
from spearmint.control.pauses import Pauses
from spearmint.control.progress import Progress
from spearmint.control.suggestions import Suggestions
from spearmint.control.supervisor import Supervisor
from spearmint.database import Database, DatabaseUnavailableError, Document
from spearmint.optimiser.duration import Time
from spearmint.optimiser.observations import PREDICTIONS
from spearmint.worker.patience import PATIENCE_S

DONE, FAILED, INVALID = 0, 1, 2


@dataclass(slots=True)
class Controller:
    """Runs an experiment.

    Args:
        config: The experiment.
        store: Its database.
        supervisor: Submits jobs and watches over them.
        suggestions: Suggests points.
        progress: Prints lines.
        interrupts: Signals that were received.
        retry_broken: Run the broken jobs of earlier runs again.
    """

    config: Config
    store: Database
    supervisor: Supervisor
    suggestions: Suggestions
    progress: Progress
    interrupts: Interrupts
    retry_broken: bool = False
    pauses: Pauses | None = field(default=None, init=False)  # None if no training is paused
    ahead: Ahead | None = field(default=None, init=False)  # None if nothing is checked ahead
    _earlier: set[int] = field(default_factory=set, init=False)  # jobs finished before this run
    _reported: set[int] = field(default_factory=set, init=False)
    _began: float = field(default=0.0, init=False)
    _away_since: float | None = field(default=None, init=False)

    # -- the loop ------------------------------------------------------------------------------

    def run(self) -> int:
        """Continues until the experiment is done; returns the exit status.

        Raises:
            UserError: The experiment cannot continue.
            Interrupted: A signal arrived during a computation of the chooser, or a second one.
        """
        self._began = time.monotonic()
        stopping = self.config.problem.stopping
        if stopping is not None:
            parts = (self.supervisor, self.suggestions, self.progress)
            self.pauses = Pauses(stopping, *parts)
        screening = self.suggestions.screening
        if screening is not None and screening.check.checks_ahead:
            self.ahead = Ahead(self.suggestions, screening)
        self._begin()
        while True:
            if self.interrupts.received is not None:
                return self.stop()
            try:
                status = self._step()
            except DatabaseUnavailableError as error:
                self._wait_for_database(error)
                continue
            self._tell_that_database_is_back()
            if status is not None:
                return status

    def _begin(self) -> None:
        jobs = self.store.brief_jobs(self.config.experiment)
        self.suggestions.begin(jobs)
        if self.retry_broken and self.supervisor.retry_broken(jobs):
            jobs = self.store.brief_jobs(self.config.experiment)
        self._earlier = {job["id"] for job in jobs if job["status"] in lifecycle.FINISHED}
        if self.pauses is not None:
            self.pauses.begin(jobs)
        self.supervisor.resume([job for job in jobs if self.supervisor.is_orphan(job)])
        if jobs:
            self.progress.print(
                f"resuming {printable(self.config.experiment)}: {counted(len(jobs), 'job')} found"
            )

    def _step(self) -> int | None:
        """One turn of the loop; returns the exit status once the run is over."""
        jobs = self.supervisor.poll()
        self.suggestions.poll()
        self._report(jobs)
        if self.supervisor.obstacle is not None:
            return self._give_up(self.supervisor.obstacle)
        fault = lifecycle.stopping(jobs, self._earlier)
        if fault is not None:
            output = self.supervisor.spec(fault).output
            return self._give_up(reasons.cannot_succeed(fault, output), INVALID)
        failed = lifecycle.failed_in_a_row(jobs, self._earlier)
        if failed:
            last = self.supervisor.spec(failed[-1])
            return self._give_up(reasons.failed_in_a_row(failed, last.output))
        reason = self._reason_to_end(jobs)
        if reason is not None or not self._may_start(jobs):
            self.supervisor.withdraw()
        if reason is not None:
            self.progress.end(jobs, reason, self.suggestions.best(jobs))
            self.suggestions.tell_discarded(jobs)
            return FAILED if self._has_failed(jobs) else DONE
        if self._may_start(jobs) and self._start_one(jobs):
            return None
        self._tell_that_database_is_back()
        self._use_waiting_time(jobs)
        self._wait(self.config.polling_time)
        return None

    def _wait_for_database(self, error: DatabaseUnavailableError) -> None:
        """Waits a moment for an unavailable database; running jobs keep their results."""
        now = time.monotonic()
        self.supervisor.trust_no_lease()
        if self._away_since is None:
            self._away_since = now
            self.progress.print(f"{error}\nwaiting for the database; Ctrl-C stops the search")
        elif now - self._away_since > PATIENCE_S:
            raise error
        self._wait(1.0)

    def _tell_that_database_is_back(self) -> None:
        if self._away_since is not None:
            seconds = time.monotonic() - self._away_since
            self.progress.print(f"the database responds again after {seconds:.3g} s; continuing")
            self._away_since = None

    def _left_s(self) -> float:
        """Seconds until no job is started any more."""
        limit = self.config.max_time
        return inf if limit is None else limit - (time.monotonic() - self._began)

    def _is_time_up(self) -> bool:
        return self._left_s() <= 0.0

    def _may_start(self, jobs: Sequence[Document]) -> bool:
        """Whether there is time for another job, or for the next segment of one."""
        if not self._is_time_up():
            return True
        return self.pauses is not None and self.pauses.need_time(jobs)

    def _reason_to_end(self, jobs: Sequence[Document]) -> str | None:
        config = self.config
        limit = self._limit(jobs)
        if lifecycle.done(jobs, config.resources, limit):
            count = lifecycle.count_finished(jobs)
            if limit != config.max_finished_jobs and limit == count:
                return reasons.evaluated_in_full(config.max_full_jobs)
            return reasons.finished(count, config)
        running = any(job["status"] == "pending" for job in jobs) or self.supervisor.submitted
        if not self._may_start(jobs) and not running:
            return f"done: time limit of {config.max_time:g} s reached"
        startable = lifecycle.startable(jobs, config.resources, limit)
        undecided = self.pauses is not None and self.pauses.are_undecided
        if self.suggestions.exhausted and not running and not startable and not undecided:
            return f"done: {self.suggestions.exhausted}"
        return None

    def _limit(self, jobs: Sequence[Document]) -> int | None:
        """The limit on finished jobs, given what the jobs so far were."""
        config = self.config
        return lifecycle.total_limit(
            jobs, config.tasks, config.max_finished_jobs, config.max_full_jobs
        )

    def _has_failed(self, jobs: Sequence[Document]) -> bool:
        """Whether this run has finished jobs, and none of all jobs has a result."""
        finished = {job["id"] for job in jobs if job["status"] in lifecycle.FINISHED}
        return bool(finished - self._earlier) and not any(map(lifecycle.has_result, jobs))

    def _report(self, jobs: Sequence[Document]) -> None:
        if self.pauses is not None:
            self.pauses.report(jobs)
        for job in jobs:
            job_id = job["id"]
            if job["status"] not in lifecycle.FINISHED or job_id in self._earlier:
                continue
            if job_id not in self._reported:
                self._reported.add(job_id)
                self.progress.finished(job, self.supervisor.spec(job).output)

    # -- new jobs ------------------------------------------------------------------------------

    def _start_one(self, jobs: list[Document]) -> bool:
        """Starts one job, stored or newly suggested; False if there is none to start."""
        config, supervisor = self.config, self.supervisor
        limit = self._limit(jobs)
        for job in lifecycle.startable(jobs, config.resources, limit):
            if supervisor.has_submitted(job["id"]) or supervisor.is_delayed(job["id"]):
                continue
            if not supervisor.adopt(job):
                continue
            # It may still be in the queue of a batch system, submitted by another controller.
            if supervisor.resume([job]) or supervisor.submit(job):
                self.progress.suggested(job, jobs, again=True)
                return True
        resource = lifecycle.resource_with_room(jobs, config.resources, limit)
        if resource is None:
            return False
        if config.max_time is not None:
            self.suggestions.chooser.time = Time(config.max_time, max(self._left_s(), 0.0))
        if self.pauses is not None:
            if self.pauses.are_ending(jobs):
                return False
            if self.pauses.go_on(jobs, resource, self._left_s()):
                return True
        if self.suggestions.exhausted or self._is_time_up():
            return False
        return self._suggest_one(jobs, resource)

    def _suggest_one(self, jobs: list[Document], resource: Resource) -> bool:
        """Starts a new job; False if there is none."""
        supervisor = self.supervisor
        if self.ahead is not None:
            self.ahead.stop()
            self.ahead.screening.answers.begin(basis_of(jobs))
        began = time.monotonic()
        params = self.suggestions.suggest(jobs)
        if params is None:
            return False
        took = time.monotonic() - began
        last = max((int(job["id"]) for job in jobs), default=0)
        added = self._add_job(params, resource, last + 1, took)
        if added is None:
            # Another controller has added one meanwhile: it may have suggested the same point, and
            # there may be no room any more.
            return True
        self.progress.debug(f"suggested job {added['id']} in {took:.3f} s")
        supervisor.submit(added)
        self.progress.suggested(added, [*jobs, added], again=False)
        return True

    def _add_job(
        self, params: Mapping[str, Any], resource: Resource, job_id: int, suggestion_s: float
    ) -> Document | None:
        """Adds a job that was suggested with knowledge of all earlier ones; None if it was not.

        Args:
            params: Its point.
            resource: Where it runs.
            job_id: Its id, if no other controller has added a job meanwhile.
            suggestion_s: How long the suggestion took.
        """
        config = self.config
        job: Document = {
            "params": params,
            "submit time": time.time(),
            "suggestion seconds": round(suggestion_s, 6),
            "resource": resource.name,
            "tasks": config.task_names,
            "expt_dir": str(config.folder),
            "main-file": config.main_file,
            "language": "PYTHON",
            "controller": self.supervisor.identity,
        }
        if predictions := self.suggestions.predictions:
            job |= {PREDICTIONS: predictions, VERSION: self.suggestions.version}
        if self.suggestions.expected:
            job[EXPECTED] = self.suggestions.expected
        if self.ahead is not None:
            job |= lifecycle.allowing_checks(0, allowed=False)
        if self.pauses is not None:
            job["until"] = self.pauses.first_share
        if not self.store.add_next_job(config.experiment, job, job_id):
            return None
        return {**job, "id": job_id, "status": "new", "attempt": 0}

    # -- while jobs run ------------------------------------------------------------------------

    def _use_waiting_time(self, jobs: Sequence[Document]) -> None:
        """Does what can wait until jobs run: saves the model's state, reports its best point."""
        suggestions = self.suggestions
        suggestions.save_state()
        if suggestions.is_best_outdated(jobs):
            has_news = self._wait(min(suggestions.pause_s, self.config.polling_time))
            if not has_news:
                suggestions.report_best(jobs)
        elif self.ahead is not None:
            self._check_ahead(jobs, self.ahead)

    def _check_ahead(self, jobs: Sequence[Document], ahead: Ahead) -> None:
        limit = self._limit(jobs)
        count = sum(job["status"] != "paused" for job in jobs)
        if self._is_time_up() or (limit is not None and count >= limit):
            ahead.stop()
        else:
            ahead.use_time(jobs)

    def _wait(self, seconds: float) -> bool:
        """Waits for a process to end or a signal; False if the time passed without either."""
        sources = list(self.interrupts.sources())
        if self.interrupts.received is not None:
            return True
        sources.extend(self.supervisor.sources())
        sources.extend(self.suggestions.sources())
        ready, _, _ = select.select(sources, [], [], seconds)
        return bool(ready)

    # -- an early end --------------------------------------------------------------------------

    def _give_up(self, why: str, status: int = FAILED) -> int:
        self.supervisor.stop()
        self.progress.print(f"stopped: {why}")
        return status

    def stop(self) -> int:
        """Handles the received signal: stops and requeues jobs; returns the exit status."""
        number = int(self.interrupts.received or 0)
        try:
            count = self.supervisor.stop()
            jobs = self.store.brief_jobs(self.config.experiment)
        except DatabaseUnavailableError as error:
            self.progress.print(
                f"{error}\nstopped without the database; the next start requeues the running jobs"
            )
            return 128 + number
        verb = "was" if count == 1 else "were"
        requeued = f"; {counted(count, 'running job')} {verb} requeued for the next start"
        self.progress.stopped(f"stopped{requeued if count else ''}; all results are kept", jobs)
        return 128 + number
