from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from spearmint.errors import UserError
from spearmint.optimiser.job_values import check, meets_all, task_values
from tests.spearmint.optimiser.stored_jobs import TASKS, job


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (3, "jobs: got 3; expected a dictionary for each job"),
        ({"id": 1, "status": "new"}, "job 1: params: got nothing; expected what suggest returned"),
        (job(1) | {"params": [2]}, "job 1: params: got [2]; expected what suggest returned"),
        (
            job(1, "done", error=1.0),
            "job 1: status: got 'done' for a job with values; expected 'complete'",
        ),
        (
            job(1, eror=1.0, power=1.0, ok=1.0),
            "job 1: values: got eror, which is not a task; "
            "expected a number for each of error, power, ok",
        ),
        (job(1, error="low"), "job 1: error: got 'low'; expected a number"),
        (job(1) | {"values": "low"}, "job 1: error: got 'low'; expected a number"),
    ],
)
def test_what_is_not_a_job_is_refused(wrong, message):
    with pytest.raises(UserError) as caught:
        check(wrong, TASKS)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("values", "row"),
    [
        ({"error": 3, "power": None, "ok": 1.0}, [3.0, nan, 1.0]),
        ({"error": -inf, "power": -inf}, [nan, -inf, nan]),
        (4.0, [4.0, 4.0, 4.0]),
        (None, [nan, nan, nan]),
    ],
)
def test_a_row_has_a_value_for_each_task(values, row):
    found = task_values(TASKS, job(1) | {"values": values})
    assert np.array_equal(found, row, equal_nan=True)


def test_what_meets_every_constraint():
    assert meets_all(TASKS, [nan, 0.0, 1.0])
    assert not meets_all(TASKS, [1.0, -1e-9, 1.0])
    assert not meets_all(TASKS, [1.0, nan, 1.0])
