"""Power of simulated devices in virtual time: it is known at every moment."""

from __future__ import annotations

import dataclasses
import math

import pytest

from hwsearch.measuring.power import measure_power
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.session import Session
from hwsearch.meters.protocol import Channel, DeviceState, MeterReadError, WindowTooShortError
from hwsearch.testing.virtual_clock import VirtualClock
from tests.hwsearch.measuring.stand_ins import FunctionMeter


class Load:
    """Batches of `seconds`; the device draws `watts` meanwhile and `idle` otherwise."""

    images_per_run = 10

    def __init__(self, clock, seconds=0.02, watts=200.0, idle=50.0):
        self.clock, self.seconds, self.watts, self.idle = clock, seconds, watts, idle
        self.busy = []  # [start, end] of every batch

    def run(self):
        start = self.clock.now()
        self.busy.append((start, start + self.seconds))
        self.clock.sleep(self.seconds)

    def power(self, start, end):
        """Mean between two moments."""
        loaded = sum(max(0.0, min(e, end) - max(s, start)) for s, e in self.busy[-400:])
        return self.idle + (self.watts - self.idle) * loaded / (end - start)


class Sensor(FunctionMeter):
    """Updates every `update_s`, averages over `averaging_s`; `distort` changes what is read."""

    name = "sensor"

    def __init__(self, load, channels, distort=lambda _, value: value):
        super().__init__(load.clock, channels, self.value)
        self.load, self.distort = load, distort
        self.joules, self.seen = 1000.0, 0.0

    def value(self, quantity, now):
        channel = self.channel(quantity)
        update = channel.update_s or 0.1
        at = math.floor(now / update + 1e-9) * update
        if quantity == "energy":
            if at > self.seen:
                self.joules += self.load.power(self.seen, at) * (at - self.seen)
                self.seen = at
            return self.distort(now, self.joules)
        span = max(channel.averaging_s, 0.001)
        return self.distort(now, self.load.power(at - span, at))


INSTANT = Channel("power", "instant", 0.1, 0.025)
AVERAGE = Channel("power", "average", 0.1, 1.0)
COUNTER = Channel("energy", "counter", 0.1)


def session(load, limit_s=10.0, **settings):
    return Session(load, load.clock, ProfileSettings(**settings), 0.0, load.clock.now() + limit_s)


def measured(channels, distort=lambda _, value: value, load_options=None, **options):
    load = Load(VirtualClock(), **(load_options or {}))
    return measure_power(session(load, **options), Sensor(load, channels, distort))


@pytest.mark.parametrize("channel", [INSTANT, AVERAGE, COUNTER])
def test_power_energy_and_idle_of_a_steady_load_are_exact(channel):
    result = measured([channel])
    # One reading from outside the load in any window would show: it is 4 times less.
    exact = 4e-3 if channel is COUNTER else 1e-9  # a step's moment is known to within a poll
    assert result.power.value == pytest.approx(200.0, rel=exact)
    # 10 images take 0.02 s at 200 W.
    assert result.energy.value == pytest.approx(200 * 0.02 / 10, rel=exact)
    assert result.idle.value == pytest.approx(50.0, rel=4 * exact)
    assert result.flags == []


@pytest.mark.parametrize("channel", [INSTANT, AVERAGE, COUNTER])
def test_idle_power_is_not_affected_by_the_warm_up_before_it(channel):
    load = Load(VirtualClock())
    for _ in range(100):
        load.run()
    result = measure_power(session(load), Sensor(load, [channel]))
    assert result.idle.value == pytest.approx(50.0, rel=0.02)


def test_energy_is_the_energy_of_the_windows_divided_by_their_images():
    """Whatever their lengths: here the power grows, and the last windows are the longest."""

    class Growing(Load):
        def run(self):
            self.seconds = 0.02 + self.clock.now() / 100
            self.watts = 100 + 20 * self.clock.now()
            super().run()

        def power(self, start, end):
            loaded = [(s, e) for s, e in self.busy[-400:] if e > start]
            return self.idle + sum(
                (100 + 20 * s - self.idle) * max(0.0, min(e, end) - max(s, start))
                for s, e in loaded
            ) / (end - start)

    load = Growing(VirtualClock())
    result = measure_power(session(load, repeats=3, target_error=0.9), Sensor(load, [INSTANT]))
    joules = images = 0.0
    for window in result.windows:
        (load_period,) = [
            g for g in result.load_periods if g.start_s <= window.start_s < g.window.end_s
        ]
        joules += load_energy(load, window)
        images += load_period.images(window)
    assert result.energy.value == pytest.approx(joules / images, rel=5e-3)


def load_energy(load, window):
    """Joules of a window that lies inside the load."""
    return sum(
        (100 + 20 * s) * max(0.0, min(e, window.end_s) - max(s, window.start_s))
        for s, e in load.busy
    )


def test_windows_lie_within_the_load():
    for channel in (INSTANT, AVERAGE, COUNTER):
        result = measured([channel])
        for window in result.windows:
            (load_period,) = [
                g for g in result.load_periods if g.start_s <= window.end_s <= g.window.end_s
            ]
            assert load_period.start_s < window.start_s < window.end_s < load_period.window.end_s
            assert load_period.images(window) == pytest.approx(
                window.length_s / 0.02 * 10, rel=1e-6
            )


def test_five_seconds_of_load_in_groups_of_about_half_a_second():
    result = measured([INSTANT])
    assert len(result.load_periods) == 8
    assert sum(g.window.length_s for g in result.load_periods) >= 5.0
    gaps = [
        b.start_s - a.window.end_s
        for a, b in zip(result.load_periods, result.load_periods[1:], strict=False)
    ]
    assert min(gaps) >= 0.02 - 1e-9
    assert max(gaps) <= 0.12 + 1e-9
    assert len({round(gap, 3) for gap in gaps}) > 2


def test_groups_are_longer_than_the_averaging_time_of_the_sensor():
    result = measured([AVERAGE])
    assert all(g.window.length_s > 1.1 for g in result.load_periods)


def test_an_update_period_that_the_meter_does_not_state_is_found():
    def wobble(now, value):
        return value + 0.01 * math.sin(777 * math.floor(now / 0.1 + 1e-9))

    result = measured([dataclasses.replace(INSTANT, update_s=None)], wobble)
    assert result.power.value == pytest.approx(200.0, rel=1e-3)
    assert len(result.load_periods) == 8


def test_the_counter_is_preferred_and_the_sensor_checks_it():
    result = measured([INSTANT, COUNTER])
    assert result.channel is COUNTER
    assert result.others["instant"].value == pytest.approx(200.0, rel=1e-3)
    assert result.flags == []


def test_more_than_ten_per_cent_between_counter_and_sensor_is_flagged():
    result = measured([INSTANT, COUNTER], lambda _, v: v * 0.88 if v < 1000 else v)
    (flag,) = result.flags
    assert flag.kind == "disagree"
    assert "176" in flag.text


def test_if_the_counter_never_changes_it_is_flagged_and_the_sensor_is_used():
    result = measured([INSTANT, COUNTER], lambda _, v: 1000.0 if v >= 1000 else v)
    assert result.channel is INSTANT
    assert [flag.kind for flag in result.flags] == ["stale", "short"]


def test_a_counter_that_stops_under_load_is_flagged():
    kept = []

    def frozen(now, value):
        if value >= 1000 and now >= 4.0:
            kept.append(value)
            return kept[0]
        return value

    result = measured([INSTANT, COUNTER], frozen)
    assert result.channel is COUNTER
    assert result.power.value == pytest.approx(200.0, rel=0.02)
    assert result.windows[-1].end_s < 4.0
    assert [flag.kind for flag in result.flags] == ["stale"]
    assert result.flags[0].text.startswith("counter did not change for")


@pytest.mark.parametrize("fault", ["jumps", "goes back"])
def test_a_faulty_counter_is_replaced_by_the_sensor_or_an_error(fault):
    def distort(now, value):
        if value < 1000 or now < 4.0:
            return value
        return value + 5000 if fault == "jumps" else value - 900

    result = measured([INSTANT, COUNTER], distort)
    assert result.channel is INSTANT
    assert result.power.value == pytest.approx(200.0, rel=1e-9)
    (flag,) = result.flags
    assert flag.kind == "jump"
    assert flag.text.endswith("it was not used")
    with pytest.raises(MeterReadError, match=r"counter (jumped|decreased)"):
        measured([COUNTER], distort)


def test_a_counter_alone_that_never_changes_is_an_error_and_not_0():
    with pytest.raises(WindowTooShortError, match="got 0 steps"):
        measured([COUNTER], lambda _, __: 1000.0)


def test_a_few_readings_ten_times_too_high_are_ignored_and_flagged():
    result = measured([INSTANT], lambda now, v: v * 10 if 4.0 < now < 4.15 else v)
    assert result.power.value == pytest.approx(200.0, rel=1e-3)
    (flag,) = result.flags
    assert flag.kind == "jump"
    assert "2000 W" in flag.text


def test_readings_that_stay_ten_times_too_high_are_an_error():
    with pytest.raises(MeterReadError, match="jumped by 10x"):
        measured([INSTANT], lambda now, v: v * 10 if now > 5.0 else v)


def test_a_value_that_never_changes_is_flagged():
    result = measured([INSTANT], lambda _, __: 61.0)
    assert [flag.kind for flag in result.flags] == ["stale"]


def test_a_sensor_that_stops_under_load_is_flagged():
    result = measured([INSTANT], lambda now, v: v if now < 4.0 else 200.0)
    assert "stale" in [flag.kind for flag in result.flags]


def test_an_error_of_the_meter_is_raised():
    def fails(now, value):
        if now > 3.0:
            raise MeterReadError("sensor", "gone")
        return value

    with pytest.raises(MeterReadError, match="gone"):
        measured([INSTANT], fails)


def test_any_error_of_a_library_becomes_an_error_of_the_meter():
    def fails(now, value):
        return value / (0.0 if now > 3.0 else 1.0)

    with pytest.raises(MeterReadError, match="ZeroDivisionError"):
        measured([INSTANT], fails)


def test_measuring_continues_until_the_error_is_on_target():
    def shaky(now, v):
        return v * (1 + 0.6 * math.sin(3 * now))

    short = measured([INSTANT], shaky, target_error=0.5, limit_s=60.0)
    long = measured([INSTANT], shaky, target_error=0.05, limit_s=60.0)
    assert len(long.load_periods) > len(short.load_periods)
    assert long.power.relative_error <= 0.05 < short.power.relative_error


def test_the_time_limit_ends_it():
    def shaky(now, v):
        return v * (1 + 0.6 * math.sin(3 * now))

    for channel in (INSTANT, AVERAGE):
        result = measured([channel], shaky, target_error=0.0001, limit_s=8.0)
        assert result.power.relative_error > 0.0001
        assert 6.0 < result.load_periods[-1].window.end_s < 8.0


@pytest.mark.parametrize("channel", [INSTANT, AVERAGE, COUNTER])
def test_the_shortest_time_limit_still_gives_a_number(channel):
    result = measured([channel], limit_s=0.1)
    assert len(result.load_periods) == 1
    assert result.power.value == pytest.approx(200.0, rel=0.02)


def test_the_state_is_that_of_the_device_under_load():
    class Watching(Sensor):
        def state(self):
            return DeviceState(clock_mhz=self.load.power(self.clock.now() - 0.01, self.clock.now()))

    load = Load(VirtualClock())
    result = measure_power(session(load), Watching(load, [INSTANT]))
    assert result.state.clock_mhz == pytest.approx(200.0)


def test_the_power_of_a_drifting_load_is_that_of_its_windows():
    # 100 W and 10 W more every second, seen through a one-second mean.
    class Drifting(Load):
        def power(self, start, end):
            return 100.0 + 10.0 * (start + end) / 2

    load = Drifting(VirtualClock())
    short = session(load, 5.0, repeats=1, target_error=0.5, load_s=2.5)
    result = measure_power(short, Sensor(load, [AVERAGE]))
    truth = [100 + 10 * (w.start_s + w.end_s) / 2 for w in result.windows]
    lengths = [w.length_s for w in result.windows]
    mean = sum(t * n for t, n in zip(truth, lengths, strict=False)) / sum(lengths)
    assert result.power.value == pytest.approx(mean, abs=0.3)  # one period later would be 1 W more


def test_batches_longer_than_a_group():
    result = measured([INSTANT], load_options={"seconds": 1.7})
    assert result.power.value == pytest.approx(200.0, rel=1e-3)
    assert result.energy.value == pytest.approx(200 * 1.7 / 10, rel=1e-3)
