from __future__ import annotations

from typing import Any

import pytest

from hwsearch.experiment.metric_kinds import (
    BOUNDS,
    DIRECTIONS,
    FORMER_BOUNDS,
    METRIC,
    METRIC_LIST,
    SHARES,
    SWEEP,
    unknown,
)


def test_metrics_are_ours_and_what_keras_reports() -> None:
    assert all(map(METRIC.accepts, ("error", "power", "val_loss", "val_my_own")))
    assert not any(map(METRIC.accepts, ("accuracy", "val_", "Power", 3, None)))
    assert METRIC_LIST.read("error, runtime") == ("error", "runtime")


def test_a_misspelt_metric_is_named_with_the_one_that_was_meant() -> None:
    text = unknown("--optimize", "eror")
    assert text.startswith("--optimize: got 'eror'; expected one of ")
    assert text.endswith("did you mean 'error'?")


@pytest.mark.parametrize(
    ("bounds", "accepted"),
    [
        ({}, True),
        ({"power": 85.0, "params": 1000}, True),
        ({"val_accuracy": ">= 0.9"}, True),
        ({"val_my_own": -3.0}, True),
        ({"power": 0.0}, False),
        ({"power": -1.0}, False),
        ({"power": "85"}, False),
        ({"power": None}, False),
        ({"speed": 85.0}, False),
        ([85.0], False),
    ],
)
def test_bounds(bounds: Any, accepted: bool) -> None:
    assert BOUNDS.accepts(bounds) is accepted
    assert FORMER_BOUNDS.accepts([{"power": 90.0}, bounds]) is accepted


def test_lists_by_metric() -> None:
    assert SWEEP.accepts({"power": [90.0, 85.0]})
    assert not any(map(SWEEP.accepts, ({"power": [90.0]}, {"power": 90.0}, {"power": [90.0, 0]})))
    assert SHARES.accepts({"power": 33.0})
    assert not any(map(SHARES.accepts, ({"power": 100.5}, {"power": "33%"}, {"speed": 33.0})))
    assert DIRECTIONS.accepts({"runtime": False})
    assert not any(map(DIRECTIONS.accepts, ({"runtime": 1}, {"speed": True})))
