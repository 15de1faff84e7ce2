"""Which networks are profiled; the processes are tested with the command line."""

from __future__ import annotations

import numpy as np

from hwsearch.calibration.builders import Built
from hwsearch.calibration.profiling import Profiling, _outcome, _same_batch, spread_params
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.template import Template
from tests.hwsearch.predicting.samples import HERE

TEMPLATE = Template.parse(
    """
units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 100}
kind = HYPERPARAM{"type": "ENUM", "token": "kind", "options": ["a", "b"]}
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": -1.0, "max": 3.0}
"""
)


def test_a_larger_number_begins_with_the_same_networks():
    few, many = (spread_params(TEMPLATE, count, 3) for count in (5, 13))
    assert many[:5] == few
    assert len(many) == 13
    assert spread_params(TEMPLATE, 5, 4) != few
    assert spread_params(TEMPLATE, 1, 3) == few[:1]


def test_they_cover_the_space():
    points = spread_params(TEMPLATE, 16, 0)
    units = np.sort([point["units"] for point in points])
    assert np.all(np.abs(units - np.linspace(1, 100, 16)) < 15)
    assert sum(point["kind"] == "a" for point in points) == 8
    assert all(-1 <= point["rate"] <= 3 for point in points)


def test_outcomes_are_counted():
    found = Profiling(HERE)
    assert _outcome(Built(1, {"runtime": 2e-6}), found) == "runtime 2 µs/image"
    texts = [_outcome(Built(n, None, f"layer dense_{n} fails"), found) for n in (2, 3)]
    assert texts == [
        "cannot be used: layer dense_2 fails",
        "cannot be used, for the same reason as network 2",
    ]
    assert found.measured == 1


def test_a_profile_with_another_batch_does_not_count():
    assert _same_batch(32.0, ProfileSettings())
    assert _same_batch(32.0, ProfileSettings(batch_size=32))
    assert not _same_batch(32.0, ProfileSettings(batch_size=8))
