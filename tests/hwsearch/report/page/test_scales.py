"""Units of axes."""

from __future__ import annotations

import math

import pytest

from hwsearch.report.columns import Column
from hwsearch.report.page.scales import is_number, scale_of, shortened, time_scale


@pytest.mark.parametrize(
    ("column", "values", "unit", "first"),
    [
        (Column("runtime", "s/image"), [9e-6, 2e-5, 1.5e-3], "µs/image", 9.0),
        (Column("power", "W"), [84.25, math.nan], "W", 84.25),
        (Column("energy", "J/image"), [0.012], "mJ/image", 12.0),
        (Column("memory", "GiB"), [0.5, 0.25], "MiB", 512.0),
        (Column("memory", "GiB"), [3.0], "GiB", 3.0),
        (Column("training_time", "s"), [7300.0], "h", 2.02778),
        (Column("params", "parameters"), [1234567.0], "parameters", 1234567.0),
        (Column("error", "%"), [2.75], "%", 2.75),
        (Column("task", is_task=True), [1e-9], "", 1e-9),
        (Column("runtime", "s/image"), [], "s/image", None),
        (Column("runtime", "s/image"), [0.0, 1e-15], "ns/image", 0.0),
    ],
)
def test_one_unit_for_all_values(column, values, unit, first):
    scale = scale_of(column, values)
    assert scale.unit == unit
    if values:
        assert scale.of(values[0]) == pytest.approx(first, rel=1e-5)


def test_unknown_values_stay_unknown():
    assert shortened(math.nan) is None
    assert shortened(math.inf) is None
    assert shortened(1 / 3) == 0.333333


@pytest.mark.parametrize(("seconds", "unit"), [(5, "s"), (119, "s"), (121, "min"), (9000, "h")])
def test_units_of_durations(seconds, unit):
    assert time_scale(seconds).unit == unit


def test_only_numbers_belong_on_an_axis_of_numbers():
    assert all(map(is_number, (0, 2.5)))
    assert not any(map(is_number, (True, "2", None)))
