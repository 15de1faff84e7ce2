"""The loop: suggest, submit, watch, until done.

All that must last is in the database: a controller may be killed at any moment and another goes on.
Two controllers of one experiment share its jobs and limits.
"""

from __future__ import annotations

import select
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spearmint import lifecycle
from spearmint.choosers import Best, Chooser
from spearmint.config import Config, Resource
from spearmint.control.interrupts import Interrupts
from spearmint.control.progress import Progress
from spearmint.control.supervisor import Supervisor
from spearmint.database import Database, DatabaseUnavailableError, Document
from spearmint.errors import SpaceExhausted, UserError
from spearmint.schedulers import Scheduler

DONE, FAILED = 0, 1
#: How long the loop tries to reach a database that is away, in seconds.
PATIENCE_S = 600.0


@dataclass
class Controller:
    """Runs an experiment.

    Args:
        config: The experiment.
        store: Its database.
        chooser: Decides on the next point.
        schedulers: One a resource, by its name.
        progress: Tells people.
        interrupts: Signals that came.
    """

    config: Config
    store: Database
    chooser: Chooser
    schedulers: Mapping[str, Scheduler]
    progress: Progress
    interrupts: Interrupts

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.config, self.store, self.schedulers, self.progress)
        self._reported: set[int] = set()
        self._earlier: set[int] = set()
        self._exhausted: str | None = None
        self._hypers: dict[str, Any] = {}
        self._fallback: Chooser | None = None
        self._best_at, self._best_s = -1, 0.0
        self._best_failed = False
        self._began = 0.0
        self._away_since: float | None = None

    # -- the loop ------------------------------------------------------------------------------

    def run(self) -> int:
        """Goes on until the experiment is done; returns the exit status.

        Raises:
            UserError: The experiment cannot go on.
            Interrupted: A signal came while the chooser was computing, or a second one.
        """
        self._began = time.monotonic()
        self._begin()
        while True:
            if self.interrupts.received is not None:
                return self.interrupted()
            try:
                status = self._step()
            except DatabaseUnavailableError as error:
                self._away(error)
                continue
            self._away_since = None
            if status is not None:
                return status

    def _step(self) -> int | None:
        """One turn of the loop; the exit status when it is over."""
        jobs = self.supervisor.poll()
        self._report(jobs)
        last = lifecycle.all_broken(jobs, self._earlier)
        if last is not None:
            return self._give_up(jobs, last)
        why = self._end(jobs)
        if why is not None or self._is_time_up():
            self.supervisor.withdraw()
        if why is not None:
            self.progress.end(jobs, why, self._best(jobs))
            return FAILED if self._nothing_but_broken(jobs) else DONE
        if not self._is_time_up() and self._fill(jobs):
            return None
        self._think(jobs)
        self._wait(self.config.polling_time)
        return None

    def _away(self, error: DatabaseUnavailableError) -> None:
        """Waits a little for a database that is away; jobs that run keep their results."""
        now = time.monotonic()
        if self._away_since is None:
            self._away_since = now
            self.progress.say(f"{error}\nwaiting for the database")
        elif now - self._away_since > PATIENCE_S:
            raise error
        self._wait(1.0)

    def _begin(self) -> None:
        jobs = self.store.jobs(self.config.experiment)
        check_jobs(self.config, self.chooser, jobs)
        self._hypers = self.store.hypers(self.config.experiment)
        self.chooser.load_hypers(self._hypers)
        self._earlier = {job["id"] for job in jobs if job["status"] in lifecycle.FINISHED}
        self._reported = set(self._earlier)
        self.supervisor.resume([job for job in jobs if self.supervisor.left_behind(job)])
        if jobs:
            self.progress.say(f"going on with {len(jobs)} jobs of {self.config.experiment}")

    def _is_time_up(self) -> bool:
        limit = self.config.max_time
        return limit is not None and time.monotonic() - self._began >= limit

    def _end(self, jobs: Sequence[Document]) -> str | None:
        """Why the run is over, if it is."""
        config = self.config
        if lifecycle.done(jobs, config.resources, config.max_finished_jobs):
            return f"done: {lifecycle.finished(jobs)} jobs are finished, as many as asked for"
        running = any(job["status"] == "pending" for job in jobs) or self.supervisor.submitted
        if self._is_time_up() and not running:
            return f"done: {config.max_time:g} s are over"
        left = lifecycle.startable(jobs, config.resources, config.max_finished_jobs)
        if self._exhausted and not running and not left:
            return f"done: {self._exhausted}"
        return None

    def _nothing_but_broken(self, jobs: Sequence[Document]) -> bool:
        fresh = [job for job in jobs if job["id"] not in self._earlier]
        over = [job for job in fresh if job["status"] in lifecycle.FINISHED]
        return bool(over) and not any(job["status"] == "complete" for job in jobs)

    def _report(self, jobs: Sequence[Document]) -> None:
        for job in jobs:
            if job["status"] in lifecycle.FINISHED and job["id"] not in self._reported:
                self._reported.add(job["id"])
                self.progress.finished(job, self.supervisor.spec(job).output)

    # -- new jobs ------------------------------------------------------------------------------

    def _fill(self, jobs: list[Document]) -> bool:
        """Starts what may start, or one suggestion; whether it did."""
        config = self.config
        ready = lifecycle.startable(jobs, config.resources, config.max_finished_jobs)
        for waiting in ready:
            if self.supervisor.holds(waiting["id"]) or not self.supervisor.adopt(waiting):
                continue
            if self.supervisor.submit(waiting):
                self.progress.suggested(waiting, jobs, again=True)
                return True
        resource = lifecycle.resource_with_room(jobs, config.resources, config.max_finished_jobs)
        if resource is None or self._exhausted:
            return False
        job = self._suggest(jobs, resource)
        if job is None:
            return False
        # Another controller may have added one at the same moment.
        now = self.store.jobs(config.experiment)
        ready = lifecycle.startable(now, config.resources, config.max_finished_jobs)
        if any(one["id"] == job["id"] for one in ready):
            self.supervisor.submit(job)
        self.progress.suggested(job, [*jobs, job], again=False)
        return True

    def _suggest(self, jobs: list[Document], resource: Resource) -> Document | None:
        """Adds the chooser's next job to the database."""
        began = time.monotonic()
        try:
            with self.interrupts.raising():
                params = self._params(jobs)
        except SpaceExhausted as end:
            self._exhausted = str(end)
            self.progress.say(str(end))
            return None
        config = self.config
        job: Document = {
            "params": params,
            "submit time": time.time(),
            "resource": resource.name,
            "tasks": config.task_names,
            "expt_dir": str(config.folder),
            "main-file": config.main_file,
            "language": "PYTHON",
            "controller": self.supervisor.me,
        }
        job_id = self.store.add_job(config.experiment, job)
        self.progress.debug(f"suggested job {job_id} in {time.monotonic() - began:.3f} s")
        return {**job, "id": job_id, "status": "new", "attempt": 0}

    def _params(self, jobs: list[Document]) -> dict[str, Any]:
        try:
            return self.chooser.suggest(jobs)
        except (UserError, SpaceExhausted):
            raise
        except Exception as error:
            if self._fallback is None:
                from spearmint.choosers import create  # noqa: PLC0415 - hardly ever

                plain = {k: v for k, v in self.config.mapping.items() if k != "chooser-args"}
                self._fallback = create({**plain, "chooser": "random_search"}, self.config.seed)
                self.progress.say(
                    f"the chooser failed ({type(error).__name__}: {error}); "
                    "points where it does are drawn at random"
                )
            self.progress.debug(traceback.format_exc())
            return self._fallback.suggest(jobs)

    # -- between jobs --------------------------------------------------------------------------

    def _think(self, jobs: Sequence[Document]) -> None:
        """What can wait until jobs run: the model's state is stored, its best point told."""
        hypers = self.chooser.hypers()
        if hypers and hypers != self._hypers:
            self.store.save_hypers(self.config.experiment, hypers)
            self._hypers = hypers
        done = lifecycle.finished(jobs)
        # Jobs that end sooner than the model's best point is found do not wait for it.
        if done == self._best_at or self._wait(min(0.2 + self._best_s, self.config.polling_time)):
            return
        began = time.monotonic()
        self.progress.expected(self._best(jobs))
        self._best_at, self._best_s = done, time.monotonic() - began

    def _best(self, jobs: Sequence[Document]) -> Best | None:
        try:
            with self.interrupts.raising():
                return self.chooser.best(jobs)
        except Exception as error:
            if not self._best_failed:
                self._best_failed = True
                name = type(error).__name__
                self.progress.say(f"the model's best point cannot be had ({name}: {error})")
            self.progress.debug(traceback.format_exc())
            return None

    def _wait(self, seconds: float) -> bool:
        """Until a process ends, a signal comes or the time is over; whether something came."""
        sources = list(self.interrupts.sources())
        if self.interrupts.received is not None:
            return True
        for scheduler in self.schedulers.values():
            sources.extend(scheduler.sources())
        ready, _, _ = select.select(sources, [], [], seconds)
        return bool(ready)

    # -- the end before its time ---------------------------------------------------------------

    def _give_up(self, jobs: Sequence[Document], last: Mapping[str, Any]) -> int:
        count = sum(job["status"] == "broken" for job in jobs)
        self.supervisor.stop()
        self.progress.say(
            f"stopped: {count} jobs broke and none was completed; the last because of: "
            f"{last.get('reason')}\n  its output: {self.supervisor.spec(last).output}"
        )
        return FAILED

    def interrupted(self) -> int:
        """Obeys the signal that came; returns the exit status."""
        number = int(self.interrupts.received or 0)
        count = self.supervisor.stop()
        back = f"; {count} that ran put back, to be run when this is started again" if count else ""
        jobs = self.store.jobs(self.config.experiment)
        self.progress.say(f"stopped{back}; all results are kept\n{self.progress.best_line(jobs)}")
        return 128 + number


def check_jobs(config: Config, chooser: Chooser, jobs: Sequence[Mapping[str, Any]]) -> None:
    """Raises UserError where stored jobs are of other variables or tasks than config.json's."""
    for job in jobs:
        remedy = (
            "; give config.json another experiment-name, or remove the old results "
            "with cleanup.sh DIR"
        )
        name = f"experiment {config.experiment}"
        try:
            params = job.get("params") or {}
            chooser.space.encode(params, where=f"{name}: job {job['id']} of an earlier run")
            unknown = set(params) - set(chooser.space.names)
        except UserError as error:
            raise UserError(f"{error}{remedy}") from None
        if unknown:
            raise UserError(
                f"{name}: job {job['id']} of an earlier run: got the variables {sorted(unknown)}; "
                f"config.json has {sorted(chooser.space.names)}{remedy}"
            )
        tasks = job.get("tasks")
        if tasks and set(tasks) != set(config.task_names):
            raise UserError(
                f"{name}: job {job['id']} of an earlier run: got the tasks {sorted(tasks)}; "
                f"config.json has {sorted(config.task_names)}{remedy}"
            )
