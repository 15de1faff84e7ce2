"""Jobs as arrays."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest

from spearmint.config import Task, Variable
from spearmint.errors import UserError
from spearmint.optimiser.observations import observe
from spearmint.optimiser.space import Space
from tests.spearmint.optimiser.stored_jobs import SPACE, TASKS, TWO, job


def test_what_a_job_left_open_is_no_failure():
    left = {"unmeasured": ["power", "ok"]}
    jobs = [
        job(1, error=3.0, power=nan, ok=1.0) | left,
        job(2, error=nan, power=nan, ok=1.0) | left,
        job(3, error=3.0, power=nan, ok=1.0),
        job(4, error=3.0, power=nan, ok=0.0) | left,
    ]
    found = observe(TASKS, SPACE, jobs)
    assert np.array_equal(found.failed, [0.0, 1.0, 1.0, nan], equal_nan=True)
    assert not found.feasible.any()


def test_jobs_become_rows_in_order_of_id():
    jobs = [
        job(3, "pending", 0.75),
        job(2, error=nan, power=-1.0, ok=1.0),
        job(1, error=3.0, power=0.0, ok=1.0),
        job(5, "broken", 1.0),
        job(4, "new", 0.25),
        job(6, error=nan, power=1.0, ok=1.0),
    ]
    found = observe(TASKS, SPACE, jobs)
    assert found.count == 6
    assert found.codes[:, 0].tolist() == [0.5, 0.5, 1.0, 0.5]
    assert found.pending[:, 0].tolist() == [0.75, 0.25]
    assert found.tried.shape == (6, 1)
    assert np.array_equal(found.values[0], [3.0, 0.0, 1.0])
    # Job 2 was stopped by its power, so whether it would have failed is unknown.
    assert np.array_equal(found.failed, [0.0, nan, 1.0, 1.0], equal_nan=True)
    assert found.feasible.tolist() == [True, False, False, True]


def test_no_jobs():
    found = observe(TASKS, SPACE, [])
    assert found.codes.shape == (0, 1)
    assert found.values.shape == (0, 3)
    assert found.tried.shape == (0, 1)


def test_a_plain_number_is_the_value_of_every_task():
    jobs = [job(1) | {"values": nan}, job(2) | {"values": 4.0}, job(3) | {"values": None}]
    found = observe((Task("main", objective=True),), SPACE, jobs)
    assert np.array_equal(found.values, [[nan], [4.0], [nan]], equal_nan=True)
    assert found.failed.tolist() == [1.0, 0.0, 1.0]


def test_several_objectives_come_before_the_constraints_and_order_by_fronts():
    jobs = [
        job(1, error=3.0, cost=3.0, power=1.0),
        job(2, error=0.0, cost=0.0, power=-1.0),
        job(3, error=1.0, cost=2.0, power=1.0),
        job(4, error=2.0, cost=1.0, power=1.0),
        job(5, error=1.4, cost=1.5, power=1.0),
        job(6, error=nan, cost=0.0, power=1.0),
    ]
    known = observe(TWO, SPACE, jobs)
    assert known.objectives == 2
    assert known.met[:, 0].tolist() == [True, False, True, True, True, True]
    assert known.met_by(TWO[2], np.array([0, 1])).tolist() == [True, False]
    # The ends of the front, its middle, the next front, a constraint that is not met. An unknown
    # error counts as the worst one; with the lowest cost, nothing dominates it.
    assert known.order.tolist() == [2, 3, 4, 5, 0, 1]


def test_jobs_of_other_programs_may_have_other_states_and_further_values():
    jobs = [
        {key: value for key, value in job(1, "killed").items() if key != "values"},
        job(2, error=1.0, power=1.0, ok=1.0, spare=7.0),
    ]
    found = observe(TASKS, SPACE, jobs)
    assert (found.pending.shape, found.values.tolist()) == ((1, 1), [[1.0, 1.0, 1.0]])


def test_a_job_of_another_space_is_named():
    with pytest.raises(UserError, match="job 1: variable 'x'"):
        observe(TASKS, SPACE, [job(1, x="wide")])


def test_jobs_outside_the_space_count_but_are_neither_tried_nor_the_best():
    space = Space([Variable("n", "INT", 1, 20, 50), Variable("e", "ENUM", 1, options=("a", "b"))])

    def stored(number, n, e, value, status="complete"):
        params = {"n": {"type": "int", "values": [n]}, "e": {"type": "enum", "values": [e]}}
        return {"id": number, "params": params, "status": status, "values": {"main": value}}

    jobs = [
        stored(1, 0, "a", 0.0),
        stored(2, 30, "gone", 1.0),
        stored(3, 30.4, "b", 2.0),
        stored(4, 30, "b", 3.0),
        stored(5, 20, "b", 2.5),
        stored(6, 10, "b", 0.0, "pending"),
        stored(7, 50, "a", 0.0, "pending"),
    ]
    task = (Task("main", objective=True),)
    found = observe(task, space, jobs)
    assert found.count == 7
    assert found.inside.tolist() == [False, False, False, True, True]
    assert found.values[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 2.5]
    assert found.order.tolist() == [4, 3]
    assert found.feasible.tolist() == found.inside.tolist()
    assert [space.decode(point)["n"]["values"] for point in found.tried] == [[30], [20], [50]]
    assert found.wide.axes[1].options == ("a", "b", "gone")
