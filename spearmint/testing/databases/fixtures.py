"""The fixtures of the suite for databases, and calls that many of its tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck

from spearmint.database import Database, Document

Connect = Callable[[], Database]

#: Settings of hypothesis: a slow machine or a slow database is not an error.
SETTINGS: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
#: The experiment of most tests.
EXPERIMENT = "hyperpower-20260102-030405"


class DatabaseFixtures:
    """What every part of the suite builds on; see `DatabaseConformance`."""

    clock_tolerance_s: ClassVar[float] = 0.01

    @pytest.fixture
    def connect(self) -> Connect:
        """Opens the database under test; to be overridden."""
        raise NotImplementedError("override the fixture `connect`; see DatabaseConformance")

    @pytest.fixture
    def db(self, connect: Connect) -> Iterator[Database]:
        """A connection to the database under test."""
        with connect() as database:
            yield database


def add(db: Database, count: int = 1) -> None:
    """Adds jobs."""
    for _ in range(count):
        db.add_job(EXPERIMENT, {"params": {"x": {"type": "float", "values": [0.5]}}})


def job_of(db: Database, job_id: int = 1) -> Document:
    """A job that exists."""
    job = db.job(EXPERIMENT, job_id)
    assert job is not None, f"there is no job {job_id}"
    return job


def claim(db: Database, job_id: int = 1, lease_s: float = 60.0) -> Document:
    """Claims a job that is new."""
    job = db.claim(EXPERIMENT, job_id, "worker-1", lease_s)
    assert job is not None, f"job {job_id} could not be claimed"
    return job


def complete(db: Database, job_id: int = 1, attempt: int = 1, **changes: Any) -> bool:
    """Completes a pending job."""
    changes = {"status": "complete"} | changes
    return db.update(EXPERIMENT, job_id, status="pending", attempt=attempt, changes=changes)
