"""Schedulers with one fault each; test_schedulers.py runs the suite on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spearmint.config import Config, Resource
from spearmint.schedulers import Ended
from spearmint.schedulers.environment import environment
from spearmint.schedulers.local import LocalScheduler
from spearmint.testing import SchedulerConformance
from spearmint.worker.job_spec import JobSpec


class ReportsNoEnds(LocalScheduler):
    def poll(self) -> list[Ended]:
        super().poll()
        return []


class ReportsEndsTwice(LocalScheduler):
    last: tuple[Ended, ...] = ()

    def poll(self) -> list[Ended]:
        before, ended = self.last, super().poll()
        self.last = tuple(ended)
        return [*before, *ended]


class ExcusesEverything(LocalScheduler):
    def poll(self) -> list[Ended]:
        return [replace(end, excused=True) for end in super().poll()]


class RunsOneJobAtATime(LocalScheduler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.later: list[JobSpec] = []

    def submit(self, spec: JobSpec) -> str:
        if self._running:
            self.later.append(spec)
            return "later"
        return super().submit(spec)


class IgnoresTheEnvironmentFile(LocalScheduler):
    def __init__(self, modules: list[str], variables: dict[str, str], folder: Path) -> None:
        super().__init__(modules, environment(None), folder)


class StopsNothing(LocalScheduler):
    def stop(self, grace_s: float) -> None:
        if grace_s < 1.0:  # the end of the test
            super().stop(grace_s)


class StopsAtClose(LocalScheduler):
    def close(self) -> None:
        self.stop(10.0)
        super().close()


class ResumesEverything(LocalScheduler):
    durable_ids = True

    def resume(self, specs: Mapping[str, JobSpec]) -> set[str]:
        return set(specs)


class CancelsEverything(LocalScheduler):
    def cancel(self, proc_id: str) -> None:
        for running in list(self._running):
            super().cancel(running)


class CannotCancelEarly(LocalScheduler):
    def cancel(self, proc_id: str) -> None:
        if self._running[proc_id] is not None:
            super().cancel(proc_id)


class WithdrawsRunningJobs(CancelsEverything):
    def withdraw(self) -> None:
        self.cancel("")


#: Each fault, and tests that find it.
FAULTS = {
    LocalScheduler: (),
    ReportsNoEnds: ("test_runs_a_job",),
    ReportsEndsTwice: ("test_runs_a_job",),
    ExcusesEverything: ("test_end_of_a_killed_worker_is_reported",),
    RunsOneJobAtATime: ("test_runs_jobs_at_the_same_time",),
    IgnoresTheEnvironmentFile: ("test_paths_may_contain_any_character",),
    StopsNothing: ("test_stop_requeues_jobs_and_ends_their_children",),
    StopsAtClose: ("test_jobs_outlive_a_closed_scheduler",),
    ResumesEverything: ("test_another_scheduler_resumes_what_has_a_durable_id",),
    CancelsEverything: ("test_cancel_ends_one_process",),
    CannotCancelEarly: ("test_cancel_of_a_process_that_has_not_started",),
    WithdrawsRunningJobs: ("test_withdraw_removes_only_waiting_jobs",),
}


def suite(kind: type[LocalScheduler]) -> type[SchedulerConformance]:
    """The suite on one kind of scheduler."""

    class Suite(SchedulerConformance):
        # Some tests of faults wait for what never happens; those without a fault must not give up.
        patience_s = 240.0 if kind is LocalScheduler else 4.0

        @pytest.fixture
        def init(self) -> Any:
            def make(resource: Resource, config: Config) -> LocalScheduler:
                variables = environment(resource.environment_file)
                return kind(["spearmint.database.sqlite"], variables, config.folder or Path())

            return make

    return Suite


for _kind in FAULTS:
    globals()[f"Test{_kind.__name__}"] = suite(_kind)
