"""Random search."""

from __future__ import annotations

import numpy as np
import pytest

from spearmint.choosers import create
from spearmint.errors import SpaceExhaustedError

CONFIG = {
    "chooser": "random_search",
    "variables": {
        "n": {"type": "INT", "min": 1, "max": 3},
        "e": {"type": "ENUM", "options": ["a", "b"], "size": 2},
    },
}


def test_every_point_once_until_the_space_is_exhausted():
    chooser, jobs = create(CONFIG, 1), []
    for number in range(12):
        params = chooser.suggest(jobs)
        assert params not in [job["params"] for job in jobs]
        jobs.append({"id": number + 1, "status": "pending", "params": params})
    with pytest.raises(SpaceExhaustedError, match="all 12 points"):
        chooser.suggest(jobs)


def test_same_seed_same_points():
    wide = {"chooser": "random_search", "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}}}
    first, second = (create(wide, seed).suggest([]) for seed in (5, 5))
    assert first == second
    assert create(wide, -5).suggest([]) != first


def test_uniform():
    wide = {"chooser": "random_search", "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}}}
    draws = [create(wide, seed).suggest([])["x"]["values"][0] for seed in range(400)]
    assert np.histogram(draws, 4, (0, 1))[0].min() > 60


def test_it_has_no_model():
    chooser = create(CONFIG, 1)
    assert chooser.best([]) is None
    assert chooser.hypers() == {}
    chooser.load_hypers({"main": {}})
