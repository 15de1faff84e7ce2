"""Jobs -> arrays, and what meets a constraint."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from spearmint.errors import UserError
from spearmint.optimiser.observations import Task, best_observed, observe, tasks_of
from spearmint.optimiser.space import Space

CONFIG = {
    "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
    "tasks": {
        "power": {"type": "CONSTRAINT"},
        "error": {"type": "OBJECTIVE"},
        "ok": {"type": "CONSTRAINT", "likelihood": "STEP"},
    },
}
SPACE = Space(CONFIG["variables"])


def job(number, status="complete", x=0.5, **values):
    params = {"x": {"type": "float", "values": [x]}}
    return {"id": number, "status": status, "params": params, "values": values}


@pytest.mark.parametrize("value", [0.0, -0.0, 1e-300, inf])
def test_a_constraint_is_met_from_zero(value):
    assert Task("c", objective=False).met(value)


@pytest.mark.parametrize("value", [-1e-300, -inf, nan])
def test_a_constraint_is_not_met_below_zero(value):
    assert not Task("c", objective=False).met(value)


@pytest.mark.parametrize("likelihood", ["BINOMIAL", "STEP"])
def test_outcomes_are_met_when_they_are_one(likelihood):
    task = Task("c", objective=False, likelihood=likelihood)
    assert [task.met(value) for value in (1.0, 0.0, -1.0, nan)] == [True, False, False, False]


def test_an_objective_asks_for_a_number():
    task = Task("f", objective=True)
    assert [task.met(value) for value in (-5.0, inf, nan)] == [True, True, False]


def test_tasks_put_the_objective_first_and_know_defaults():
    assert [task.name for task in tasks_of(CONFIG)] == ["error", "power", "ok"]
    assert tasks_of(CONFIG)[1] == Task("power", False, "GAUSSIAN", 0.99)
    assert tasks_of({}) == (Task("main", True, "GAUSSIAN"),)
    assert tasks_of({"likelihood": "noiseless"})[0].likelihood == "NOISELESS"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"likelihood": "POISSON"}, "'POISSON'"),
        ({"likelihood": "STEP"}, "['GAUSSIAN', 'NOISELESS']"),
        ({"tasks": ["a"]}, "object"),
        ({"tasks": {"a": 1}}, "task 'a'"),
        ({"tasks": {"a": {"type": "GOAL"}}}, "['OBJECTIVE', 'CONSTRAINT']"),
        ({"tasks": {"a": {"type": "CONSTRAINT"}}}, "exactly one"),
        ({"tasks": {"a": {"type": "OBJECTIVE"}, "b": {"type": "OBJECTIVE"}}}, "['a', 'b']"),
        (
            {"tasks": {"a": {"type": "OBJECTIVE", "min-confidence": 1.5}}},
            "a number between 0 and 1",
        ),
    ],
)
def test_bad_tasks_are_one_line(config, words):
    with pytest.raises(UserError) as error:
        tasks_of(config)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_jobs_become_rows_in_order_of_id():
    jobs = [
        job(3, "pending", 0.75),
        job(2, error=nan, power=-1.0, ok=1.0),
        job(1, error=3.0, power=0.0, ok=1.0),
        job(5, "broken", 1.0),
        job(4, "new", 0.25),
        job(6, error=nan, power=1.0, ok=1.0),
    ]
    found = observe(CONFIG, SPACE, jobs)
    assert found.count == 6
    assert found.codes[:, 0].tolist() == [0.5, 0.5, 1.0, 0.5]
    assert found.pending[:, 0].tolist() == [0.75, 0.25]
    assert found.tried.shape == (6, 1)
    assert np.array_equal(found.values[0], [3.0, 0.0, 1.0])
    # Given up for its power, says nothing of failure; broken and NaN alone do.
    assert np.array_equal(found.failed, [0.0, nan, 1.0, 1.0], equal_nan=True)
    assert found.feasible.tolist() == [True, False, False, True]
    assert found.incumbent == 0


def test_no_jobs():
    found = observe(CONFIG, SPACE, [])
    assert found.codes.shape == (0, 1)
    assert found.values.shape == (0, 3)
    assert found.tried.shape == (0, 1)
    assert found.incumbent is None


def test_a_bare_number_is_every_task():
    jobs = [job(1) | {"values": nan}, job(2) | {"values": 4.0}, job(3) | {"values": None}]
    found = observe({"variables": CONFIG["variables"]}, SPACE, jobs)
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
    assert best_observed(CONFIG, jobs)["id"] == 4
    assert best_observed(CONFIG, jobs[1:3]) is None
    assert best_observed(CONFIG, []) is None


def test_a_job_of_another_space_is_named():
    with pytest.raises(UserError, match="job 1: variable 'x'"):
        observe(CONFIG, SPACE, [job(1, x="wide")])
