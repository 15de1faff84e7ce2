from __future__ import annotations

from typing import Any

import pytest

from spearmint import processes
from spearmint.control.ends import Fate, fate, loss_reason
from spearmint.schedulers import Ended
from spearmint.worker.launch import CANNOT_BEGIN, STOPPED
from tests.spearmint.control.conftest import DEAD

PENDING = {"status": "pending", "attempt": 3, "worker": DEAD, "proc_id": "p"}


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize(
    ("job", "end", "expected"),
    [
        ({"status": "new", "attempt": 2}, {}, Fate.UNBEGUN),
        ({"status": "new"}, {"attempt": 0}, Fate.UNBEGUN),
        ({"status": "new", "attempt": 3}, {"status": STOPPED}, Fate.PUT_BACK),
        ({"status": "new", "attempt": 3}, {"status": CANNOT_BEGIN}, Fate.UNBEGUN),
        ({"status": "new", "attempt": 4}, {}, Fate.SETTLED),
        ({"status": "new", "attempt": 2}, {"excused": True}, Fate.SETTLED),
        ({"status": "new", "attempt": 3}, {"preempted": True}, Fate.SETTLED),
        ({"status": "new", "attempt": 2}, {"preempted": True}, Fate.UNBEGUN),
        (PENDING, {"preempted": True}, Fate.LOST),
        (PENDING, {}, Fate.LOST),
        (PENDING, {"excused": True}, Fate.SETTLED),
        ({"status": "complete", "attempt": 3}, {}, Fate.SETTLED),
        ({"status": "broken", "attempt": 3}, {}, Fate.SETTLED),
    ],
)
def test_fate(job: dict[str, Any], end: dict[str, Any], expected: Fate, durable: bool) -> None:
    end = dict(end)
    attempt = end.pop("attempt", 2)
    ended = Ended("p", "exit status 1", **end)
    assert fate(job, attempt, ended, durable_ids=durable) is expected


def test_local_process_does_not_speak_for_a_worker_that_runs() -> None:
    job = {**PENDING, "worker": processes.identity()}
    assert fate(job, 2, Ended("p", ""), durable_ids=False) is Fate.SETTLED
    assert fate({**PENDING, "attempt": 4}, 2, Ended("p", ""), durable_ids=False) is Fate.SETTLED


def test_killed_worker_whose_job_was_put_back_by_the_controller() -> None:
    job = {"status": "new", "attempt": 3}
    assert fate(job, 2, Ended("p", "", status=-9), durable_ids=False) is Fate.SETTLED
    assert fate(job, 2, Ended("p", ""), durable_ids=True) is Fate.PUT_BACK


def test_batch_job_does_not_speak_for_another_one() -> None:
    assert fate({**PENDING, "proc_id": "q"}, 2, Ended("p", ""), durable_ids=True) is Fate.SETTLED


def test_reason() -> None:
    assert loss_reason("early") == "its process ended early"
    assert loss_reason("early", "killed", "bye") == (
        "its process ended early: killed; last output: bye"
    )
