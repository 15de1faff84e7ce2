"""Where the time of a run went."""

from __future__ import annotations

import math

from hwsearch.report.columns import of_task
from hwsearch.report.run_table import RunTable
from hwsearch.report.time_spent import between, elapsed_s, time_spent
from tests.hwsearch.report import example


def test_each_part_with_the_jobs_that_have_it():
    table = RunTable.of_run(example.SETTINGS, example.jobs())
    found = {share.part: (share.seconds, share.jobs) for share in time_spent(table)}
    assert found == {
        "suggesting": (4.0, 8),
        "waiting to start": (8.0, 8),
        "training": (240.0, 6),
        "measuring": (54.0, 6),
        "building networks": (6.0, 6),
        "starting jobs and other work": (6 * 10.0 + 60.0, 7),
    }
    assert elapsed_s(table) == 7 * 61.5


def test_jobs_at_the_same_time_and_later_attempts():
    jobs = [
        {"id": 1, "status": "complete", "submit time": 0.0, "start time": 1.0, "end time": 10.0},
        {"id": 2, "status": "complete", "submit time": 5.0, "start time": 6.0, "end time": 12.0},
        # Started again a day later: the pause is no time of the run.
        {
            "id": 3,
            "status": "complete",
            "attempt": 2,
            "submit time": 11.0,
            "start time": 90000.0,
            "end time": 90004.0,
        },
    ]
    table = RunTable.of_tasks("x", [of_task("main", objective=True)], jobs)
    assert elapsed_s(table) == 12.0 + 4.0
    found = {share.part: share.seconds for share in time_spent(table)}
    assert found == {"waiting to start": 2.0, "evaluating": 9.0 + 6.0 + 4.0}


def test_the_time_outside_jobs_may_be_that_of_unfinished_jobs():
    def name(**job: object) -> str:
        row = {"id": 1, "status": "complete", "attempt": 1, **job}
        return between(RunTable.of_tasks("x", [of_task("main", objective=True)], [row]))

    assert name() == name(**{"attempt": 3, "earlier seconds": 20.0})
    assert name() == "between jobs"
    assert name(attempt=2, earlier=[{}]) == "between jobs", "ran again under other bounds"
    unfinished = "between jobs, and unfinished jobs"
    assert name(status="pending") == name(attempt=2) == unfinished


def test_earlier_segments_of_paused_trainings_count():
    def job(number: int, submitted: float, started: float, earlier: float, end: float | None):
        times = {"submit time": submitted, "start time": started, "earlier seconds": earlier}
        times |= {} if end is None else {"end time": end}
        status = "paused" if end is None else "complete"
        return {"id": number, "status": status, "attempt": 2, **times}

    def table(*jobs: dict[str, object]) -> RunTable:
        return RunTable.of_tasks("x", [of_task("main", objective=True)], list(jobs))

    one_after_the_other = table(job(1, 0.0, 50.0, 20.0, 60.0), job(2, 20.0, 40.0, 30.0, None))
    assert elapsed_s(one_after_the_other) == 60.0
    assert {share.part: share.seconds for share in time_spent(one_after_the_other)} == {
        "evaluating": 30.0
    }
    at_the_same_time = table(job(1, 0.0, 30.0, 30.0, 40.0), job(2, 0.0, 30.0, 30.0, 40.0))
    assert elapsed_s(at_the_same_time) == 40.0
    started_again = table(job(1, 0.0, 90000.0, 30.0, 90010.0))
    assert elapsed_s(started_again) == 40.0


def test_without_times_nothing_is_known():
    table = RunTable.of_tasks("x", [of_task("main", objective=True)], [{"id": 1}])
    assert time_spent(table) == []
    assert math.isnan(elapsed_s(table))


def test_evaluations_that_rejected_a_network_under_former_bounds_count():
    rejected = {"outcome": "rejected", "seconds": {"build": 0.5, "measure": 2.0}}
    earlier = {"start time": 100.0, "end time": 103.0, "measurements": rejected}
    again, *others = example.jobs()
    plain = RunTable.of_run(example.SETTINGS, [again, *others])
    table = RunTable.of_run(example.SETTINGS, [again | {"earlier": [earlier]}, *others])
    before = {share.part: share.seconds for share in time_spent(plain)}
    after = {share.part: share.seconds for share in time_spent(table)}
    found = {part: after[part] - before[part] for part in after if after[part] != before[part]}
    assert found == {
        "measuring": 2.0,
        "building networks": 0.5,
        "starting jobs and other work": 0.5,
    }
    assert elapsed_s(table) - elapsed_s(plain) == 3.0
