"""The recommended point."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from spearmint.choosers import create

CONFIG = {
    "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
    "tasks": {
        "f": {"type": "OBJECTIVE", "likelihood": "NOISELESS"},
        "c": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
    },
}


def jobs_at(xs, f, c):
    return [
        {
            "id": i + 1,
            "status": "complete",
            "params": {"x": {"type": "float", "values": [float(x)]}},
            "values": {"f": f(x), "c": c(x)},
        }
        for i, x in enumerate(xs)
    ]


def test_the_models_best_is_feasible_with_confidence():
    jobs = jobs_at(np.linspace(0, 1, 12), lambda x: x, lambda x: x - 0.4)
    best = create(CONFIG, 0).best(jobs)
    assert best.confident
    assert best.probability >= 0.99
    x = best.params["x"]["values"][0]
    assert 0.4 <= x < 0.43
    assert best.values["f"] == pytest.approx(x, abs=0.01)
    assert best.values["c"] == pytest.approx(x - 0.4, abs=0.01)


def test_without_a_feasible_point_it_is_the_most_probable_and_says_so():
    jobs = jobs_at(np.linspace(0, 1, 8), lambda x: -x, lambda x: -1.0 - (x - 0.3) ** 2)
    best = create(CONFIG, 0).best(jobs)
    assert not best.confident
    assert best.probability < 0.99


def test_a_lucky_point_is_not_the_best():
    config = {"variables": CONFIG["variables"], "likelihood": "GAUSSIAN"}
    rng = np.random.default_rng(0)
    jobs = jobs_at(rng.random(40), lambda x: 0.0, lambda x: 0.0)
    for job in jobs:
        x = job["params"]["x"]["values"][0]
        job["values"] = {"main": (x - 0.7) ** 2 + rng.normal(0, 0.05)}
    best = create(config, 0).best(jobs)
    assert best.params["x"]["values"][0] == pytest.approx(0.7, abs=0.15)
    assert best.probability == 1.0


def test_where_jobs_fail_is_not_the_best():
    xs = np.linspace(0, 1, 14)
    jobs = jobs_at(xs, lambda x: -x if x < 0.6 else nan, lambda x: 1.0)
    best = create(CONFIG, 0).best(jobs)
    assert best.params["x"]["values"][0] < 0.68
    assert set(best.values) == {"f", "c"}


@pytest.mark.parametrize("value", [nan, -inf])
def test_nothing_to_recommend(value):
    chooser = create(CONFIG, 0)
    assert chooser.best([]) is None
    assert chooser.best(jobs_at([0.2, 0.3], lambda x: value, lambda x: 1.0)) is None


def test_a_constraint_that_was_never_measured_prevents_confidence():
    best = create(CONFIG, 0).best(jobs_at([0.2, 0.5, 0.9], lambda x: x, lambda x: nan))
    assert not best.confident


def test_a_task_may_be_called_failure():
    tasks = {"failure": CONFIG["tasks"]["f"], "c": CONFIG["tasks"]["c"]}
    jobs = jobs_at(np.linspace(0, 1, 8), lambda x: x, lambda x: nan if x > 0.8 else 1.0)
    for job in jobs:
        job["values"]["failure"] = job["values"].pop("f")
    best = create(CONFIG | {"tasks": tasks}, 0).best(jobs)
    assert set(best.values) == {"failure", "c"}
