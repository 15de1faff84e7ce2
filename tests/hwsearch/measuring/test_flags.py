from __future__ import annotations

import math

import pytest

from hwsearch.measurements import Quantity
from hwsearch.measuring.flags import busy_flags, state_flags, uncertain_flags
from hwsearch.meters.protocol import DeviceState


def test_throttling_and_other_processes_are_flagged_with_their_moment():
    after = DeviceState(throttle=("power cap", "power brake"), foreign_processes=(47, 11))
    first, second = state_flags(DeviceState(throttle=()), after)
    assert (first.kind, first.text) == ("throttled", "after the load: power cap, power brake")
    assert (second.kind, second.text) == (
        "foreign",
        "after the load, other processes used the device: 47, 11",
    )


def test_an_unknown_state_is_not_flagged():
    assert state_flags(DeviceState(), DeviceState()) == []


@pytest.mark.parametrize("busyness", [0.8, 1.0, 1.25])
def test_a_machine_that_is_a_little_busy_is_not_flagged(busyness):
    assert busy_flags(busyness) == []


def test_a_busy_machine():
    (flag,) = busy_flags(2.04)
    assert flag.kind == "busy"
    assert flag.text.startswith("a typical batch took 2.0 times as long as on the idle machine")


def test_errors_above_the_target_are_flagged_by_metric():
    quantities = {
        "runtime": Quantity(1.0, 0.02),
        "power": Quantity(50.0, 2.0),
        "energy": Quantity(50.0, math.nan),
    }
    flags = uncertain_flags(quantities, 0.02)
    assert {flag.kind for flag in flags} == {"uncertain"}
    assert [flag.text for flag in flags] == [
        "energy: standard error unknown; target 2.0%; increase the profile time limit",
        "power: standard error 4.0%; target 2.0%; increase the profile time limit",
    ]
