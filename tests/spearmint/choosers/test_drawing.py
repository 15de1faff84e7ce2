"""What the choosers that draw points have in common: the models of the constraints."""

from __future__ import annotations

import numpy as np
import pytest

from spearmint.choosers import create

CONFIG = {
    "variables": {"x": {"type": "FLOAT", "size": 2, "min": 0, "max": 1}},
    "tasks": {"error": {"type": "OBJECTIVE"}, "room": {"type": "CONSTRAINT"}},
}


def jobs_of(values):
    """Twelve points; a quarter of the space meets `room`."""
    points = np.random.default_rng(3).random((12, 2))
    return [
        {
            "id": number,
            "params": {"x": {"values": point.tolist()}},
            "status": "complete",
            "values": values(*point),
        }
        for number, point in enumerate(points, start=1)
    ]


JOBS = jobs_of(lambda a, b: {"error": a + b, "room": 0.25 - a})


@pytest.mark.parametrize("name", ["random_search", "random_walk"])
def test_points_that_probably_violate_a_constraint_are_left_out(name):
    def share(aware):
        config = CONFIG | {"chooser": name, "chooser-args": {"aware": aware}}
        points = [create(config, seed).suggest(JOBS)["x"]["values"] for seed in range(10)]
        return np.mean([a <= 0.27 for a, _ in points])

    assert share(True) == 1.0
    if name == "random_search":
        assert share(False) < 0.6


def test_in_proportion_to_the_probability_if_no_point_is_likely():
    noise = np.random.default_rng(4)

    def impossible(a, b):
        return {"error": a + b, "room": -0.2 - a + 0.2 * noise.standard_normal()}

    config = CONFIG | {"chooser": "random_search", "chooser-args": {"aware": True}}
    jobs = jobs_of(impossible)
    found = [create(config, seed).suggest(jobs)["x"]["values"] for seed in range(10)]
    assert np.mean([a for a, _ in found]) < 0.3  # 0.5 if it were uniform


def test_jobs_without_values_leave_all_points():
    config = CONFIG | {"chooser": "random_search", "chooser-args": {"aware": True}}
    broken = [job | {"status": "broken", "values": None} for job in JOBS]
    for jobs in (broken, [job | {"status": "pending", "values": None} for job in JOBS]):
        x = [create(config, seed).suggest(jobs)["x"]["values"][0] for seed in range(6)]
        assert max(x) > 0.4


def test_fits_are_handed_over():
    config = CONFIG | {"chooser": "random_search", "chooser-args": {"aware": True}}
    first, second = create(config, 1), create(config, 1)
    point = first.suggest(JOBS)
    assert "room" in first.hypers()
    second.load_hypers(first.hypers())
    assert second.suggest(JOBS) == point
