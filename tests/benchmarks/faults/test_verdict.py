from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from benchmarks.faults.event_log import BEGAN, RETURNED, Event
from benchmarks.faults.verdict import judge


def ran(job: int, pid: int, began: float, ended: float | None = None) -> list[Event]:
    """The events of one run; a value if it came to its end."""
    events = [Event(BEGAN, job, pid, began)]
    return events if ended is None else [*events, Event(RETURNED, job, pid, ended, float(job))]


def stored(job: int, status: str = "complete", value: float | None = None) -> dict[str, Any]:
    own = float(job) if value is None else value
    return {"id": job, "status": status, "values": {"main": own}}


GOOD = [*ran(1, 11, 0, 1), *ran(2, 12, 0, 1)]


def wrong(*args: Any, **kwargs: Any) -> dict[str, int]:
    """What a verdict finds wrong."""
    return {what: count for what, count in asdict(judge(*args, **kwargs)).items() if count}


def test_nothing_is_wrong() -> None:
    assert wrong([stored(1), stored(2)], GOOD, 2) == {}


@pytest.mark.parametrize(
    "second", [stored(2, value=7.0), stored(2, "broken"), stored(2, "pending"), stored(2, "new")]
)
def test_a_result_that_the_database_lacks_is_lost(second: dict[str, Any]) -> None:
    assert wrong([stored(1), second], GOOD, 2)["lost"] == 1


def test_a_job_that_the_database_lacks_is_lost_and_missing() -> None:
    assert wrong([stored(1)], GOOD, 2) == {"lost": 1, "missing": 1}


def test_ids_twice_and_gaps() -> None:
    assert wrong([stored(1), stored(1)], GOOD[:2], 2) == {"twice": 1}
    assert wrong([stored(1), stored(3)], [], 2) == {"twice": 1}


def test_a_job_in_two_processes_at_once() -> None:
    events = [*ran(1, 11, 0, 5), *ran(1, 12, 4, 6)]
    assert wrong([stored(1)], events, 1) == {"at_once": 1, "repeated": 1}


def test_a_result_is_computed_again_only_if_its_process_was_struck() -> None:
    events = [*ran(1, 11, 0, 1), *ran(1, 12, 2, 3)]
    assert wrong([stored(1)], events, 1) == {"repeated": 1}
    assert wrong([stored(1)], events, 1, struck=11) == {}
    assert wrong([stored(1)], events, 1, struck=12) == {"repeated": 1}


def test_a_run_without_a_result_may_be_made_again() -> None:
    assert wrong([stored(1)], [*ran(1, 11, 0), *ran(1, 12, 2, 3)], 1) == {}


def test_jobs_that_are_broken() -> None:
    jobs = [stored(1), stored(2, "broken")]
    assert wrong(jobs, GOOD[:2], 2) == {"spoiled": 1}
    assert wrong(jobs, GOOD[:2], 2, may_break=1) == {}
