"""Acquisition functions whose maximum is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spearmint.config import Task, Variable
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.observations import observe
from spearmint.optimiser.search import Effort, maximise
from spearmint.optimiser.space import Space


class Hill:
    """A quadratic function with its maximum at given features."""

    def __init__(self, top):
        self.top = np.asarray(top)

    def __call__(self, points):
        return -np.sum((points - self.top) ** 2, axis=1)

    def with_gradient(self, points):
        return self(points), -2.0 * (points - self.top)


def best(variables, top, jobs=()):
    space = Space(variables)
    features = Features(space)
    goal = features.of(space.encode({k: {"values": v} for k, v in top.items()})[None])[0]
    known = observe(TASKS, space, jobs)
    found = maximise(features, Hill(goal), known, Effort(64, 4), np.random.default_rng(0))
    return {name: entry["values"] for name, entry in space.decode(found).items()}


def job(number, status="complete", **values):
    params = {name: {"values": value} for name, value in values.items()}
    return {"id": number, "status": status, "params": params, "values": {"main": float(number)}}


TASKS = (Task("main", objective=True),)
FLOATS = [Variable("x", "FLOAT", 3, -5.0, 5.0)]
LATTICE = [Variable("n", "INT", 3, 0, 1000), Variable("e", "ENUM", 2, options=("a", "b", "c"))]


def test_floats_by_gradient():
    assert best(FLOATS, {"x": [1.0, 5.0, -2.0]})["x"] == pytest.approx([1.0, 5.0, -2.0], abs=1e-3)


def test_lattice_and_options_exactly():
    top = {"n": [3, 987, 500], "e": ["c", "a"]}
    assert best(LATTICE, top) == top


def test_mixed():
    top = {"x": [1.0, 5.0, -2.0], "n": [3, 987, 500], "e": ["c", "a"]}
    found = best(FLOATS + LATTICE, top)
    assert found["x"] == pytest.approx(top["x"], abs=1e-3)
    assert (found["n"], found["e"]) == (top["n"], top["e"])


@pytest.mark.parametrize("status", ["complete", "pending", "new", "broken"])
def test_a_point_with_a_job_is_not_suggested_again(status):
    top: dict[str, Any] = {"n": [3, 987, 500], "e": ["c", "a"]}
    found = best(LATTICE, top, [job(1, status, **top)])
    assert found != top
    assert found["e"] == top["e"]
    assert np.abs(np.subtract(found["n"], top["n"])).sum() == 1


def test_flat_acquisition_and_all_but_one_point_taken():
    variables = [Variable("e", "ENUM", options=("a", "b", "c"))]
    jobs = [job(1, e=["a"]), job(2, e=["b"])]
    assert best(variables, {"e": ["a"]}, jobs) == {"e": ["c"]}


def test_an_option_without_alternative():
    variables = [Variable("only", "ENUM", options=("a",))]
    top = {"x": [1.0, 5.0, -2.0], "only": ["a"]}
    assert best(FLOATS + variables, top)["x"] == pytest.approx(top["x"], abs=1e-3)


class Valley:
    """Minus Rosenbrock's function of two features: no short ascent converges. Counts gradients."""

    gradients = 0

    def __call__(self, points):
        x, y = 2.0 * points[:, 0], 2.0 * points[:, 1]
        return -((1.0 - x) ** 2) - 100.0 * (y - x**2) ** 2

    def with_gradient(self, points):
        self.gradients += 1
        x, y = 2.0 * points[:, 0], 2.0 * points[:, 1]
        slopes = np.zeros_like(points)
        slopes[:, 0] = 4.0 * (1.0 - x) + 800.0 * x * (y - x**2)
        slopes[:, 1] = -400.0 * (y - x**2)
        return self(points), slopes


def test_points_that_no_step_has_moved_are_not_improved_a_third_time():
    variables = [Variable("x", "FLOAT", 2, 0.0, 1.0), Variable("e", "ENUM", options=("a", "b"))]
    space = Space(variables)
    known = observe(TASKS, space, [])
    valley, effort = Valley(), Effort(64, 4, rounds=5)
    maximise(Features(space), valley, known, effort, np.random.default_rng(0))
    assert valley.gradients == 2 * (1 + effort.rounds)


def test_a_part_of_an_effort_has_a_minimum():
    assert Effort(512, 8, 60).share(1.0) == Effort(512, 8, 60)
    assert Effort(512, 8, 60).share(0.25) == Effort(128, 2, 30)
    assert Effort(512, 8, 60).share(1e-9) == Effort(64, 2, 20)
    assert Effort(16, 1, 4).share(0.5) == Effort(16, 1, 4)
