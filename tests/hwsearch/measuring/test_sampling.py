from __future__ import annotations

import random
import threading

import pytest

from hwsearch.measuring.sampling import Sampler, poll_s, update_period_s, update_periods_s
from hwsearch.meters.clock import REAL_CLOCK
from hwsearch.meters.protocol import Channel, MeterReadError, Reading
from hwsearch.testing.virtual_clock import VirtualClock
from tests.hwsearch.measuring.stand_ins import FunctionMeter, SleepingLoad

POWER = Channel("power", "draw", 0.1)
ENERGY = Channel("energy", "counter", 0.1)


def meter_of(clock, function):
    """A power meter that reads a function of time."""
    return FunctionMeter(clock, [POWER], lambda _, now: function(now))


@pytest.mark.parametrize(
    ("channel", "update_s", "expected"),
    [
        (POWER, 0.1, 0.05),
        (POWER, 0.04, 0.02),
        (POWER, 1.0, 0.1),
        (POWER, 0.001, 0.005),
        (POWER, 0.0, 0.005),
        (ENERGY, 0.1, 0.01),
        (ENERGY, 0.02, 0.005),
    ],
)
def test_polls_are_half_an_update_period_apart_within_5_to_100_ms(channel, update_s, expected):
    assert poll_s(channel, update_s) == pytest.approx(expected)


def test_it_reads_in_order_while_the_load_runs():
    clock = VirtualClock()
    with Sampler(meter_of(clock, lambda now: now), POWER, 0.1, clock) as sampler:
        clock.sleep(10)
        sampler.check()
    times = [reading.time_s for reading in sampler.readings]
    assert times == sorted(set(times))
    assert len(times) == pytest.approx(200, abs=15)
    clock.sleep(10)
    assert len(sampler.readings) == len(times)


def test_the_same_reading_twice_counts_once():
    clock = VirtualClock()
    meter = meter_of(clock, lambda _: 5.0)
    meter.read = lambda _: Reading(1.0, 5.0)
    with Sampler(meter, POWER, 0.1, clock) as sampler:
        clock.sleep(1)
    assert len(sampler.readings) == 1


def test_an_error_in_the_background_is_raised_where_the_load_runs():
    clock = VirtualClock()

    def fails(now):
        if now > 1:
            raise MeterReadError("meter", "gone")
        return 5.0

    with Sampler(meter_of(clock, fails), POWER, 0.1, clock) as sampler:
        clock.sleep(0.9)
        sampler.check()
        clock.sleep(1)
        with pytest.raises(MeterReadError, match="gone"):
            sampler.check()


def test_a_meter_that_hangs_is_noticed():
    clock = VirtualClock()
    with Sampler(meter_of(clock, lambda _: 1.0), POWER, 0.1, clock) as sampler:
        clock.sleep(1)
        sampler._repeating.stop()  # as if its thread waited for ever
        clock.sleep(3)
        with pytest.raises(MeterReadError, match=r"no answer for 3\.\d s"):
            sampler.check()


def test_with_a_real_thread():
    enough = threading.Event()
    seen = []

    def look(now):
        seen.append(now)
        if len(seen) >= 5:
            enough.set()
        return 1.0

    with Sampler(meter_of(REAL_CLOCK, look), POWER, 0.01, REAL_CLOCK) as sampler:
        assert enough.wait(60)
    assert len(sampler.readings) >= 4


@pytest.mark.parametrize("period", [0.02, 0.1, 0.0333, 1.0])
def test_the_update_period_is_found_to_a_fraction_of_a_poll(period):
    rng = random.Random(1)
    time, readings = 0.0, []
    value = {}
    while time < 30 * period + 1:
        step = int(time / period + 0.3)
        readings.append(Reading(time, value.setdefault(step, rng.random())))
        time += 0.005 * rng.uniform(0.75, 1.25)
    assert update_period_s(readings) == pytest.approx(period, rel=0.02)


def test_values_that_repeat_by_chance_do_not_double_the_period():
    rng = random.Random(2)
    readings = []
    value = {}
    for n in range(2000):
        time = n * 0.01
        new = round(rng.uniform(50, 53))  # 1 W steps: every third value repeats
        readings.append(Reading(time, value.setdefault(int(time / 0.1), new)))
    assert update_period_s(readings) == pytest.approx(0.1, rel=0.05)


def test_without_changes_the_period_is_unknown():
    assert update_period_s([Reading(n / 10, 5.0) for n in range(100)]) is None
    assert update_period_s([]) is None


def test_only_unknown_update_periods_are_watched_and_all_at_once():
    clock = VirtualClock()
    work = SleepingLoad(clock)
    fast, slow = Channel("power", "fast"), Channel("energy", "slow")
    meter = meter_of(clock, None)
    meter.read = lambda quantity: Reading(
        clock.now(), float(int(clock.now() / (0.02 if quantity == "power" else 0.1)))
    )
    found = update_periods_s([fast, slow, POWER], meter, work, clock)
    assert found == [pytest.approx(0.02, rel=0.05), pytest.approx(0.1, rel=0.05), 0.1]
    assert 0.5 < clock.now() < 1.05
    began = clock.now()
    assert update_periods_s([POWER], meter, work, clock) == [0.1]
    assert clock.now() == began
    meter.read = lambda _: Reading(clock.now(), 5.0)
    assert update_periods_s([fast], meter, work, clock) == [0.1]


def test_for_changes_in_bursts_the_period_is_their_median_distance():
    """Five values a tenth of a second apart, then four within a few hundredths."""
    changes = []
    for gap in [*[0.1] * 5, *[0.01] * 4] * 6:
        changes.append((changes[-1] if changes else 0.0) + gap)
    readings = [Reading(0.0, -1.0), *(Reading(t, float(n)) for n, t in enumerate(changes))]
    assert update_period_s(readings) == pytest.approx(0.1)
