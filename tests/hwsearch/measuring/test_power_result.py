"""Which channel counts, and what the other one, or a fault, adds; the whole is in test_power.py."""

from __future__ import annotations

import math

import pytest

from hwsearch.measuring.power_result import power_result, relative_error
from hwsearch.measuring.steady_load import LoadPeriod
from hwsearch.measuring.windows import Window
from hwsearch.meters.protocol import Channel, DeviceState, MeterReadError, WindowTooShortError
from tests.hwsearch.measuring.stand_ins import sampled

POWER = Channel("power", "draw", 0.1, 0.025)
ENERGY = Channel("energy", "counter", 0.1)
LOAD_PERIODS = [
    LoadPeriod(s, 10, [s + 0.02 * (n + 1) for n in range(45)]) for s in (2.0, 3.0, 4.0, 5.0)
]
IDLE = Window(0.5, 1.5)
STATE = DeviceState(clock_mhz=1410)


def result(*samplers):
    return power_result(samplers, LOAD_PERIODS, IDLE, STATE)


def power(watts=200.0, idle=50.0):
    def value(time_s):
        return (watts if time_s >= 1.9 else idle) + 0.001 * math.sin(777 * time_s)

    return sampled(POWER, [(n * 0.05, value(n * 0.05)) for n in range(130)])


def counter(watts=200.0, idle=50.0):
    def joules(time_s):
        steps = int(time_s / 0.1 + 1e-9)
        return 5000 + 0.1 * (min(steps, 19) * idle + max(0, steps - 19) * watts)

    return sampled(ENERGY, [(n * 0.01, joules(n * 0.01)) for n in range(650)])


def test_the_counter_is_stated_and_the_sensor_checks_it():
    both = result(counter(), power())
    assert both.channel is ENERGY
    assert both.power.value == pytest.approx(200, rel=1e-3)
    assert both.energy.value == pytest.approx(200 * 0.02 / 10, rel=1e-3)
    assert both.power.source == both.energy.source == "m: counter (counter)"
    assert both.others["draw"].value == pytest.approx(200, rel=1e-3)
    assert both.others["draw"].source == "m: draw (integrated)"
    assert (both.state, both.load_periods, both.flags) == (STATE, LOAD_PERIODS, [])


@pytest.mark.parametrize("sampler", [power(), counter()])
def test_idle_power_is_that_of_the_idle_window(sampler):
    assert result(sampler).idle.value == pytest.approx(50, rel=1e-3)


def test_idle_power_is_unknown_if_the_counter_stands_still():
    assert result(counter(idle=0.0)).idle is None


def test_a_wrong_counter_is_flagged_and_the_sensor_counts():
    wrong = counter()
    wrong.readings[-1] = type(wrong.readings[-1])(wrong.readings[-1].time_s, 3.0)
    only = result(wrong, power())
    assert only.channel is POWER
    assert only.others == {}
    (flag,) = only.flags
    assert flag.text.startswith("counter decreased from")
    with pytest.raises(MeterReadError, match=r"^meter m: counter decreased"):
        result(wrong)


def test_too_few_readings_are_an_error_of_the_meter():
    few = sampled(POWER, [(2.1, 200.0), (5.9, 200.0)])
    with pytest.raises(WindowTooShortError, match=r"^meter m: got 0 readings in a window"):
        result(few)


def test_the_error_so_far_is_infinite_while_it_is_unknown():
    assert relative_error(power(), LOAD_PERIODS) < 1e-4
    assert relative_error(sampled(POWER, []), LOAD_PERIODS) == math.inf
