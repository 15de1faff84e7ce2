"""The problems' formulas, checked against the optima that the literature gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.optimiser.problems import load, names

#: Best known values as published (feasible ones, to the digits given there).
PUBLISHED = {
    "gardner2": 0.25324,
    "gramacy": 0.5998,
    "rosenbrock_disk": 0.0,
    "hartmann6": -3.32237,
    "ackley10": 0.0,
    "g07": 24.3062,
    "keane15": -0.78244,
    "pressure_vessel": 6059.7143,
    "welded_beam": 2.38113,
    "spring": 0.012665,
    "spring_mixed": 2.65856,
    "speed_reducer": 2994.471,
}


@pytest.mark.parametrize("name", names())
def test_solution_is_feasible_and_reaches_the_best_value(name):
    problem = load(name)
    truth = problem.tasks_of(problem.solution)
    assert problem.feasible(truth)
    assert truth[problem.objective] == pytest.approx(problem.best, rel=1e-12, abs=1e-12)
    assert problem.regret([truth]) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", names())
def test_solution_lies_within_the_bounds(name):
    problem = load(name)
    for axis, value in zip(problem.axes, problem.solution, strict=True):
        if axis.type == "ENUM":
            assert value in axis.options
        else:
            assert axis.low <= value <= axis.high


@pytest.mark.parametrize(("name", "value"), PUBLISHED.items())
def test_best_value_is_the_published_one(name, value):
    assert load(name).best == pytest.approx(value, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", names())
def test_no_random_point_beats_the_best_value(name):
    problem = load(name)
    rng = np.random.default_rng(3)
    for _ in range(2000):
        truth = problem.tasks_of(problem.sample(rng))
        assert not problem.feasible(truth) or truth[problem.objective] >= problem.best - 1e-9


@given(name=st.sampled_from(names()), seed=st.integers(0, 2**32 - 1))
def test_params_and_flat_values_are_inverse(name, seed):
    problem = load(name)
    values = problem.sample(np.random.default_rng(seed))
    params = problem.params(values)
    assert problem.flat(params) == values
    assert set(params) == set(problem.variables)
    assert all(math.isfinite(value) for value in problem.truth(params).values())


def test_noise_has_the_stated_spread_and_only_where_stated():
    noisy, quiet = load("hartmann6_noisy"), load("hartmann6")
    params = noisy.params(noisy.solution)
    rng = np.random.default_rng(0)
    values = [noisy.evaluate(params, rng)["objective"] for _ in range(2000)]
    assert np.std(values) == pytest.approx(noisy.noise["objective"], rel=0.1)
    assert np.mean(values) == pytest.approx(noisy.best, abs=0.02)
    assert quiet.evaluate(params, rng) == quiet.truth(params)


def test_regret_without_a_feasible_point_is_the_worst():
    problem = load("gramacy")
    infeasible = problem.tasks_of([0.0, 0.0])
    poor = {"objective": problem.best + 2 * problem.nothing, "c1": 0.0, "c2": 0.0}
    assert not problem.feasible(infeasible)
    assert problem.regret([infeasible]) == problem.nothing
    assert problem.regret([infeasible, poor]) == problem.nothing


def test_config_says_which_tasks_are_noisy():
    tasks = load("gramacy_noisy").config()["tasks"]
    assert {task["likelihood"] for task in tasks.values()} == {"GAUSSIAN"}
    assert load("gramacy").config()["tasks"]["c1"] == {
        "type": "CONSTRAINT",
        "likelihood": "NOISELESS",
    }
