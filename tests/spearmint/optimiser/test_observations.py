"""Jobs as arrays."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from spearmint.config import Task, Variable
from spearmint.errors import UserError
from spearmint.optimiser.observations import best_observed, front_observed, observe
from spearmint.optimiser.space import Space

TASKS = (
    Task("error", objective=True),
    Task("power", objective=False),
    Task("ok", objective=False, likelihood="STEP"),
)
SPACE = Space([Variable("x", "FLOAT", 1, 0.0, 1.0)])


def job(number, status="complete", x=0.5, **values):
    params = {"x": {"type": "float", "values": [x]}}
    return {"id": number, "status": status, "params": params, "values": values}


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


def test_best_observed_is_feasible_finite_and_first():
    jobs = [
        job(1, error=9.0, power=1.0, ok=1.0),
        job(2, error=1.0, power=-1e-12, ok=1.0),
        job(3, error=-inf, power=1.0, ok=1.0),
        job(5, error=2.0, power=0.0, ok=1.0),
        job(4, error=2.0, power=0.0, ok=1.0),
        job(6, "pending", error=0.0, power=1.0, ok=1.0),
        job(7, error=0.0, power=1.0, ok=0.0),
        job(8, error=nan, power=1.0, ok=1.0),
    ]
    assert best_observed(TASKS, jobs)["id"] == 4
    assert best_observed(TASKS, jobs[1:3]) is None
    assert best_observed(TASKS, []) is None


TWO = (Task("error", objective=True), Task("cost", objective=True), Task("power", objective=False))


def test_the_front_is_feasible_finite_and_in_the_order_of_the_first_objective():
    jobs = [
        job(1, error=3.0, cost=1.0, power=0.0),
        job(2, error=1.0, cost=4.0, power=0.0),
        job(3, error=2.0, cost=4.0, power=0.0),  # dominated by 2
        job(4, error=0.0, cost=0.0, power=-1.0),
        job(5, error=0.0, cost=nan, power=1.0),
        job(6, error=0.0, cost=-inf, power=1.0),
        job(7, "pending", error=0.0, cost=0.0, power=1.0),
        job(8, x=2.0, error=0.0, cost=0.0, power=1.0),
        job(9, error=2.0, cost=2.0, power=1.0),
        job(10, error=1.0, cost=4.0, power=0.0),
    ]
    assert [one["id"] for one in front_observed(TWO, jobs, SPACE)] == [2, 10, 9, 1]
    assert [one["id"] for one in front_observed(TWO, jobs)] == [8]
    assert front_observed(TWO, jobs[3:7], SPACE) == []
    assert front_observed(TWO, [], SPACE) == []


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
        observe(TASKS, SPACE, [wrong])
    assert str(caught.value) == message


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
    assert best_observed(task, jobs, space)["id"] == 5
    assert best_observed(task, jobs)["id"] == 1
