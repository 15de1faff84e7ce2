"""The random walk."""

from __future__ import annotations

import numpy as np
import pytest

from spearmint.choosers import create
from spearmint.choosers.random_walk import steps
from spearmint.config.problem import read_problem
from spearmint.config.reader import Faults, ObjectReader
from spearmint.errors import SpaceExhaustedError
from spearmint.optimiser.space import Space

CONFIG = {
    "chooser": "random_walk",
    "variables": {
        "rate": {"type": "FLOAT", "min": 1e-4, "max": 1.0, "log": True},
        "units": {"type": "INT", "min": 4, "max": 64},
        "act": {"type": "ENUM", "options": ["relu", "elu", "tanh"]},
        "more": {"type": "FLOAT", "min": 0, "max": 1, "when": {"act": "elu"}},
    },
    "tasks": {"error": {"type": "OBJECTIVE"}, "power": {"type": "CONSTRAINT"}},
}


def space_of(config):
    return Space(read_problem(ObjectReader.of_file(config, Faults("config"))).variables)


def job(number, rate, units, error, power, act="relu"):
    values = {"rate": rate, "units": units, "act": act, "more": 0.5}
    params = {name: {"values": [value]} for name, value in values.items()}
    return {
        "id": number,
        "params": params,
        "status": "complete",
        "values": {"error": error, "power": power},
    }


#: The second one is the best feasible one, the third one the most accurate.
JOBS = [job(1, 0.5, 10, 9.0, 1.0), job(2, 0.01, 30, 5.0, 1.0), job(3, 0.5, 60, 1.0, -1.0)]


def suggested(jobs, **arguments):
    """The FLOAT and INT axes of what 12 seeds suggest, in [0, 1]."""
    config = CONFIG | {"chooser-args": {"step": 0.01} | arguments}
    return codes([create(config, seed).suggest(jobs) for seed in range(12)])


def codes(points):
    return space_of(CONFIG).encode_all(points, str)[:, :2]


def test_the_walk_goes_on_from_the_best_feasible_point():
    offset = suggested(JOBS) - codes([JOBS[1]["params"]])
    assert 0.0 < np.abs(offset).max() < 0.05


def test_without_awareness_it_goes_on_from_the_most_accurate_point():
    offset = suggested(JOBS, aware=False) - codes([JOBS[2]["params"]])
    assert 0.0 < np.abs(offset).max() < 0.05


@pytest.mark.parametrize("values", [None, {"error": 1.0, "power": -1.0}])
def test_anywhere_as_long_as_no_point_is_feasible(values):
    first = JOBS[0] | ({"status": "pending", "values": None} if values is None else {})
    found = suggested([first | ({} if values is None else {"values": values})])
    assert found.std(axis=0).min() > 0.1


def test_steps_are_normal_in_the_logarithm():
    space = space_of(CONFIG)
    centre = space.encode(JOBS[1]["params"])
    for width in (0.05, 0.1):
        offset = (steps(space, centre, width, 2000, np.random.default_rng(1)) - centre)[:, :2]
        assert offset.mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.01)
        assert offset.std(axis=0) == pytest.approx([width, width], rel=0.07)


def test_steps_stay_in_the_space():
    space = space_of(CONFIG)
    corner = space.encode(job(1, 1e-4, 64, 0, 0)["params"])
    points = steps(space, corner, 0.5, 400, np.random.default_rng(1))
    assert space.contains(points).all()
    assert np.array_equal(points, space.round(points))
    assert set(points[:, 2]) == {0.0, 1.0, 2.0}
    # A step over a bound is reflected: few points lie on it.
    assert np.mean((points[:, 0] < 1e-9) | (points[:, 0] > 1 - 1e-9)) < 0.01
    elu = points[:, 2] == 1.0
    assert np.all(points[~elu, 3] == 0.5)
    assert np.histogram(points[elu, 3], 4, (0, 1))[0].min() > 0


def test_every_point_once_until_the_space_is_exhausted():
    small = {
        "chooser": "random_walk",
        "variables": {
            "n": {"type": "INT", "min": 1, "max": 3},
            "e": {"type": "ENUM", "options": ["a", "b"], "size": 2},
        },
    }
    chooser, jobs = create(small, 1), []
    for number in range(12):
        params = chooser.suggest(jobs)
        assert params not in [job["params"] for job in jobs]
        job = {"id": number + 1, "status": "complete", "params": params, "values": float(number)}
        jobs.append(job)
    with pytest.raises(SpaceExhaustedError, match="all 12 points"):
        chooser.suggest(jobs)


def test_an_axis_that_matters_only_by_another_new_value_has_any_value():
    config = {
        "variables": {
            "act": {"type": "ENUM", "options": ["relu", "elu"]},
            "depth": {"type": "INT", "min": 1, "max": 2, "default": 1, "when": {"act": "elu"}},
            "more": {"type": "FLOAT", "min": 0, "max": 1, "when": {"depth": 2}},
        }
    }
    space = space_of(config)
    params = {"act": "relu", "depth": 1, "more": 0.5}
    centre = space.encode({name: {"values": [value]} for name, value in params.items()})
    points = steps(space, centre, 0.05, 4000, np.random.default_rng(1))
    more = points[space.conditions.active(points)[:, 2], 2]
    assert len(more) > 10
    assert more.std() > 0.15
