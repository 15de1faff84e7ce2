"""Numbers with units and errors, as people read them."""

from __future__ import annotations

import math

import pytest

from hwsearch.budget import AtLeast
from hwsearch.formatting import (
    beside,
    bound,
    condition,
    cost,
    counted,
    duration,
    jobs,
    plain,
    violation,
)


@pytest.mark.parametrize(
    ("metric", "value", "error", "text"),
    [
        ("runtime", 1.234e-05, 2.1e-07, "12.3 ± 0.2 µs/image"),
        ("runtime", 1.234e-05, 1.4e-07, "12.34 ± 0.14 µs/image"),
        ("runtime", 9.9999e-7, None, "1000 ns/image"),
        ("runtime", 0.0512, 0.0004, "51.2 ± 0.4 ms/image"),
        ("runtime", 3e-10, None, "0.3 ns/image"),
        ("energy", 0.00123, 0.00003, "1.23 ± 0.03 mJ/image"),
        ("power", 85.31, 0.52, "85.3 ± 0.5 W"),
        ("power", 85.31, 12.0, "85 ± 12 W"),
        ("power", 1500.0, None, "1.5 kW"),
        ("power", 0.0, None, "0 W"),
        ("memory", 1.5, None, "1.5 GiB"),
        ("memory", 0.25, 0.001, "256.0 ± 1.0 MiB"),
        ("error", 3.5, 0.92, "3.5 ± 0.9 %"),
        ("error", 3.5, 0.0, "3.5 %"),
        ("error", 3.5, math.nan, "3.5 %"),
        ("params", 12345.0, 0.0, "12,345 parameters"),
        ("params", 1.0, None, "1 parameter"),
        ("macs", 1e9, None, "1,000,000,000 MACs/image"),
        ("val_auc", 0.93214, None, "0.9321"),
        ("val_mae", 12.3, 0.4, "12.3 ± 0.4"),
        ("training_time", 245.4, None, "4 min 05 s"),
        ("training_memory", 0.5, None, "512 MiB"),
        ("power", math.nan, None, "unknown"),
        ("power", None, None, "unknown"),
        ("power", math.inf, 1.0, "unknown"),
    ],
)
def test_costs(metric, value, error, text):
    assert cost(metric, value, error) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3.21, "3.2 s"),
        (59.9, "59.9 s"),
        (245.4, "4 min 05 s"),
        (7800, "2 h 10 min"),
        (None, "unknown"),
        (math.nan, "unknown"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.07340888, "0.07341"), (3, "3"), (True, "True"), ("relu", "relu")]
)
def test_plain_values(value, text):
    assert plain(value) == text


def test_bounds_say_which_side_is_right():
    assert bound("power", 85.0) == "85 W"
    assert condition("power", 85.0) == "below 85 W"
    assert bound("val_recall", AtLeast(0.9)) == "at least 0.9"
    assert condition("params", AtLeast(1000.0)) == "at least 1,000 parameters"
    assert violation("power", 91.0, 1.0, 85.0) == "91.0 ± 1.0 W is over the budget of 85 W"
    assert (
        violation("params", 900.0, 0.0, AtLeast(1000.0))
        == "900 parameters is under the required 1,000 parameters"
    )


@pytest.mark.parametrize(
    ("metric", "value", "error", "limit", "text"),
    [
        ("runtime", 9.4e-6, 5e-8, 9.6e-6, "9.40 ± 0.05 of 9.6 µs/image"),
        ("runtime", 9.4e-7, math.nan, 9.6e-6, "940 ns/image of 9.6 µs/image"),
        ("params", 12345, math.nan, 50000, "12,345 of 50,000 parameters"),
        ("params", 1, math.nan, 50000, "1 parameter of 50,000 parameters"),
        ("memory", 0.5, math.nan, 2.0, "512 MiB of 2 GiB"),
        ("error", 3.0, 0.4, 5.0, "3.0 ± 0.4 of 5 %"),
        ("training_time", 65.0, math.nan, 125.0, "1 min 05 s of 2 min 05 s"),
        ("val_auc", 0.91, math.nan, AtLeast(0.9), "0.91, at least 0.9"),
        ("val_loss", 0.5, 0.05, 0.5, "0.50 ± 0.05 of 0.5"),
    ],
)
def test_value_beside_its_budget(metric, value, error, limit, text):
    assert beside(metric, value, error, limit) == text


def test_one_thing_is_singular():
    assert [counted(number, "job") for number in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]


def test_jobs_are_named_up_to_a_number():
    assert (jobs([3]), jobs([3, 7])) == ("job 3", "jobs 3, 7")
    assert jobs([3, 7, 8, 9], 2) == "jobs 3, 7 and 2 more"
    assert jobs([3, 7], 2) == "jobs 3, 7"
