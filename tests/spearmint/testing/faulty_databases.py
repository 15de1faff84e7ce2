"""Databases with one fault each; test_databases.py runs the suite on them."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from spearmint.database import Document
from spearmint.database.sqlite import SQLiteDatabase
from spearmint.testing import DatabaseConformance
from spearmint.testing.databases.fixtures import Connect


class ClaimsTwice(SQLiteDatabase):
    """Does not say who got a job."""

    def claim(self, experiment: str, job_id: int, worker: str, lease_s: float) -> Document | None:
        claimed = super().claim(experiment, job_id, worker, lease_s)
        return claimed or self.job(experiment, job_id)


class SkipsIds(SQLiteDatabase):
    """Uses an id twice as often as it should."""

    def add_job(self, experiment: str, job: Mapping[str, Any]) -> int:
        super().add_job(experiment, job)
        return super().add_job(experiment, job)


class AddsAlways(SQLiteDatabase):
    """Does not notice that somebody else has added a job."""

    def add_next_job(self, experiment: str, job: Mapping[str, Any], job_id: int) -> bool:
        return self.add_job(experiment, job) >= job_id


class IgnoresAttempts(SQLiteDatabase):
    """Lets workers of earlier attempts store their results."""

    def update(self, experiment: str, job_id: int, **arguments: Any) -> bool:
        attempt = (self.job(experiment, job_id) or {"attempt": 0})["attempt"]
        return super().update(experiment, job_id, **arguments | {"attempt": attempt})


class LosesUpdates(SQLiteDatabase):
    """Writes back whole documents that it has read before."""

    def update(self, experiment: str, job_id: int, **arguments: Any) -> bool:
        own = {"id", "attempt", "lease", "status"}
        before = self.job(experiment, job_id) or {}
        kept = {field: value for field, value in before.items() if field not in own}
        time.sleep(0.05)
        changes = kept | arguments["changes"]
        return super().update(experiment, job_id, **arguments | {"changes": changes})


class AnswersBeforeItWrites(SQLiteDatabase):
    """Acknowledges an update, and writes it at the next one."""

    waiting: tuple[str, int, dict[str, Any]] | None = None

    def update(self, experiment: str, job_id: int, **arguments: Any) -> bool:
        if self.waiting is not None:
            *job, before = self.waiting
            super().update(*job, **before)
        self.waiting = experiment, job_id, arguments
        return True


class ReportsAllPendingJobsAsExpired(SQLiteDatabase):
    """Ignores leases."""

    def expired(self, experiment: str) -> list[Document]:
        return self.jobs(experiment, "pending")


class LosesInfinities(SQLiteDatabase):
    """Stores numbers as JSON has them."""

    def save_hypers(self, experiment: str, hypers: Mapping[str, Any]) -> None:
        super().save_hypers(experiment, _finite(hypers))


class DropsEverything(SQLiteDatabase):
    """Drops other experiments, too."""

    def drop(self, experiment: str) -> None:
        super().drop(experiment)
        for other in self.experiments():
            super().drop(other)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


#: Each fault, and tests that find it.
FAULTS = {
    SQLiteDatabase: (),
    ClaimsTwice: ("test_claim", "test_no_job_is_claimed_twice"),
    SkipsIds: ("test_add_job_numbers_jobs_and_sets_the_databases_own_fields",),
    AddsAlways: (
        "test_job_is_added_only_under_the_next_id",
        "test_one_of_several_adds_the_next_job",
    ),
    IgnoresAttempts: ("test_late_worker_of_an_earlier_attempt_is_rejected",),
    LosesUpdates: ("test_no_update_is_lost",),
    AnswersBeforeItWrites: ("test_a_killed_writer_loses_nothing_that_was_acknowledged",),
    ReportsAllPendingJobsAsExpired: ("test_expired_leases", "test_random_calls"),
    LosesInfinities: ("test_hypers_are_replaced", "test_documents_are_returned_as_stored"),
    DropsEverything: ("test_experiments_are_separate",),
}


def suite(kind: type[SQLiteDatabase]) -> type[DatabaseConformance]:
    """The suite on one kind of database."""

    class Suite(DatabaseConformance):
        @pytest.fixture
        def connect(self, tmp_path: Path) -> Connect:
            return partial(kind, tmp_path / "jobs.sqlite")

    return Suite


for _kind in FAULTS:
    globals()[f"Test{_kind.__name__}"] = suite(_kind)
