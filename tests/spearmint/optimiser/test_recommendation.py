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


SQUARE = {
    "variables": {"x": {"type": "FLOAT", "size": 2, "min": 0, "max": 1}},
    "tasks": {
        "f": {"type": "OBJECTIVE", "likelihood": "NOISELESS"},
        "c": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
    },
}


def run(config, objective, count, seed=0):
    chooser, jobs = create(config, seed), []
    for number in range(1, count + 1):
        params = chooser.suggest(jobs)
        values = objective(*params["x"]["values"])
        jobs.append({"id": number, "status": "complete", "params": params, "values": values})
    return chooser.best(jobs), jobs


@pytest.mark.parametrize("likelihood", ["NOISELESS", "GAUSSIAN"])
def test_if_nothing_can_be_feasible_it_is_the_least_violation_observed(likelihood):
    tasks = SQUARE["tasks"] | {"c": {"type": "CONSTRAINT", "likelihood": likelihood}}
    best, jobs = run(SQUARE | {"tasks": tasks}, lambda x, y: {"f": x + y, "c": x + y - 2.5}, 12)
    assert not best.confident
    assert best.probability < 0.05
    assert best.params in [job["params"] for job in jobs]
    assert best.values["c"] == pytest.approx(-0.5, abs=0.02)


def test_violations_of_several_constraints_add_up():
    tasks = SQUARE["tasks"] | {"d": {"type": "CONSTRAINT", "likelihood": "NOISELESS"}}

    def objective(x, y):
        return {"f": x, "c": x - 1.5, "d": -2.0 - y}

    best, _ = run(SQUARE | {"tasks": tasks}, objective, 14)
    x, y = best.params["x"]["values"]
    assert x > 0.95
    assert y < 0.05


def test_what_was_observed_without_noise_is_certain():
    def objective(x, y):
        # Steep, and feasible in a narrow band: the models are uncertain at observed points, too.
        return {"f": 1e4 * abs(x - 0.31) ** 0.5 + y, "c": 1e-3 - abs(x - y)}

    best, jobs = run(SQUARE, objective, 24)
    observed = [job["values"]["f"] for job in jobs if job["values"]["c"] >= 0]
    assert observed
    assert best.confident
    assert best.values["f"] <= min(observed)
    if best.params in [job["params"] for job in jobs]:
        assert best.probability == 1.0
        assert best.values["f"] == min(observed)


@pytest.mark.parametrize("likelihood", ["NOISELESS", "STEP"])
def test_an_observed_violation_is_never_recommended_with_confidence(likelihood):
    config = CONFIG | {
        "variables": {"x": {"type": "INT", "min": 0, "max": 9}},
        "tasks": {
            "f": CONFIG["tasks"]["f"],
            "c": {"type": "CONSTRAINT", "likelihood": likelihood, "min-confidence": 0.01},
        },
    }
    jobs = jobs_at(range(10), float, lambda x: float(x in {4, 7}))
    for job in jobs:
        x = int(job["params"]["x"]["values"][0])
        job["params"] = {"x": {"type": "int", "values": [x]}}
        if likelihood == "NOISELESS":
            job["values"]["c"] -= 0.5
    best = create(config, 0).best(jobs)
    assert best.params["x"]["values"] == [4]
    assert best.values["f"] == 4.0
    assert best.probability == 1.0


def test_noise_is_not_certain():
    tasks = {"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT"}}
    rng = np.random.default_rng(0)
    jobs = jobs_at(rng.random(30), lambda x: x, lambda x: x - 0.6 + rng.normal(0, 0.2))
    best = create(CONFIG | {"tasks": tasks}, 0).best(jobs)
    assert best.params["x"]["values"][0] > 0.5


def test_a_point_outside_the_space_is_not_recommended():
    config = {"variables": {"x": {"type": "FLOAT", "min": 2, "max": 5}}, "likelihood": "NOISELESS"}
    jobs = jobs_at([-4.0, -1.0, 0.0008, 1.0, 2.5, 4.0], lambda x: 0.0, lambda x: 0.0)
    for job in jobs:
        job["values"] = {"main": job["params"]["x"]["values"][0] ** 2}
    best = create(config, 0).best(jobs)
    assert best.params["x"]["values"] == [pytest.approx(2.0, abs=0.05)]
    assert best.values["main"] == pytest.approx(4.0, abs=0.2)


def test_the_spread_is_that_of_the_model_and_of_tasks_that_are_not_certain():
    noisy = {"variables": CONFIG["variables"], "tasks": {"f": {"type": "OBJECTIVE"}}}
    rng = np.random.default_rng(0)

    jobs = jobs_at(rng.random(40), lambda x: x, lambda x: 0.0)
    for job in jobs:
        job["values"] = {"f": job["values"]["f"] + rng.normal(0, 0.1)}
    best = create(noisy, 0).best(jobs)
    # The uncertainty of the mean, not the noise of one observation.
    assert 0 < best.spread["f"] < 0.1
    assert abs(best.values["f"] - best.params["x"]["values"][0]) < 4 * best.spread["f"]

    exact = jobs_at([0.2, 0.5], lambda _: 1.0, lambda x: 0.0 if x == 0.2 else -1.0)
    best = create(CONFIG, 0).best(exact)
    assert best.params["x"]["values"] == [0.2]
    assert best.spread == {}
