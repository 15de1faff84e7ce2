"""The protocol as a whole, in virtual time; with Keras it is in test_inference_load.py."""

from __future__ import annotations

import json
import math
import threading

import pytest

from hwsearch.measuring.device_lock import DeviceBusyError, DeviceLock
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.profiler import Instruments, profile
from hwsearch.measuring.references import Reference
from hwsearch.meters.clock import REAL_CLOCK
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import (
    Availability,
    Channel,
    DeviceState,
    Meter,
    MeterReadError,
    MeterUnavailableError,
    Reading,
)
from hwsearch.testing.virtual_clock import VirtualClock

GPU = Device("gpu", "a GPU", "GPU-1")
CPU = Device("cpu", "a CPU")


class Load:
    images_per_run = 20

    def __init__(self, clock, seconds=0.01):
        self.clock, self.seconds = clock, seconds

    def run(self):
        self.clock.sleep(self.seconds)


class Steady(Meter):
    """100 W and a little noise, whatever runs."""

    name = "steady"
    opened = 0
    states = (DeviceState(), DeviceState())

    def available(self):
        return Availability(True)

    def channels(self):
        return [Channel("power", "draw", 0.1, 0.0)]

    def start(self):
        self.opened += 1

    def stop(self):
        self.opened -= 1

    def read(self, quantity):
        now = self.clock.now()
        return Reading(now, 100 + math.sin(777 * math.floor(now * 10)))

    def state(self):
        first, *_ = self.states
        self.states = self.states[1:] or (first,)
        return first


@pytest.fixture(autouse=True)
def own_locks(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture
def clock():
    return VirtualClock()


def test_power_energy_and_runtime_of_a_gpu(clock):
    meter = Steady(GPU, clock)
    result = profile(
        Load(clock),
        {"power", "energy", "runtime", "error", "params"},
        instruments=Instruments(GPU, meter, clock),
    )
    assert set(result.quantities) == {"power", "energy", "runtime"}
    power, energy, runtime = (result.quantities[name] for name in ("power", "energy", "runtime"))
    assert power.value == pytest.approx(100, abs=1)
    assert runtime.value == pytest.approx(0.01 / 20)
    assert energy.value == pytest.approx(power.value * runtime.value, rel=1e-6)
    assert (power.unit, energy.unit, runtime.unit) == ("W", "J/image", "s/image")
    assert "steady: draw" in power.source
    assert result.idle_power.value == pytest.approx(100, abs=1)
    assert result.seconds < 10
    assert result.flags == []
    assert meter.opened == 0


def test_it_is_json_without_nan(clock):
    meter = Steady(GPU, clock)
    measured = profile(Load(clock), {"power"}, instruments=Instruments(GPU, meter, clock))
    result = measured.record().to_json()
    text = json.dumps(result, allow_nan=False)
    assert json.loads(text) == result
    assert result["device"] == {"kind": "gpu", "name": "a GPU", "uuid": "GPU-1", "index": 0}
    assert result["channels"]["power"]["field"] == "draw"
    assert result["idle_power"]["std_error"] is None
    assert result["latency"]["batch_size"] == 20
    start, end = result["windows"][0]
    assert 0 < start < end < result["seconds"]


def test_time_alone_needs_no_meter(clock):
    references = [Reference(Load(clock, 0.001), 0.001)]
    result = profile(
        Load(clock), {"runtime"}, instruments=Instruments(CPU, None, clock, references)
    )
    assert set(result.quantities) == {"runtime"}
    assert result.seconds < 3.1
    assert result.idle_power is None


def test_the_time_limit_is_for_the_whole_profile(clock):
    class Wild(Steady):
        def read(self, quantity):
            now = self.clock.now()
            return Reading(now, 100 + 60 * math.sin(3 * now))

    for limit in (None, 8.0):
        meter = Wild(GPU, clock)
        result = profile(
            Load(clock),
            {"power"},
            ProfileSettings(time_limit_s=limit, target_error=0.001),
            Instruments(GPU, meter, clock),
        )
        assert (limit or 10.0) - 2 < result.seconds <= (limit or 10.0)


def test_where_nothing_but_time_is_measured_the_state_is_told_all_the_same(clock, monkeypatch):
    states = [DeviceState(clock_mhz=1410, throttle=()), DeviceState(throttle=("power cap",))]
    monkeypatch.setattr("hwsearch.measuring.profiler.observer", lambda *_: lambda: states.pop(0))
    result = profile(Load(clock), {"runtime"}, instruments=Instruments(GPU, clock=clock))
    assert result.state_before.clock_mhz == 1410
    assert [flag.kind for flag in result.flags] == ["throttled"]


def test_a_meter_that_hangs_is_an_error_and_holds_nothing_up(monkeypatch):
    """In real time: its thread does not come back, nor does its end."""
    for module in ("meters.clock", "measuring.profiler"):
        monkeypatch.setattr(f"hwsearch.{module}.STOP_S", 0.05)
    end = threading.Event()

    class Hanging(Steady):
        def read(self, quantity):
            if self.opened_s + 0.3 < self.clock.now():
                end.wait(60)
            return Reading(self.clock.now(), 100.0)

        def start(self):
            self.opened_s = self.clock.now()

        def stop(self):
            end.wait(60)

    meter = Hanging(GPU, REAL_CLOCK)
    try:
        with pytest.raises(MeterReadError, match="no answer for"):
            profile(Load(REAL_CLOCK), {"power"}, instruments=Instruments(GPU, meter))
    finally:
        end.set()
    with DeviceLock(GPU, timeout_s=0.1):
        pass


def test_a_busy_machine_is_flagged(clock):
    references = [Reference(Load(clock, 0.002), 0.001)]
    result = profile(
        Load(clock), {"runtime"}, instruments=Instruments(CPU, None, clock, references)
    )
    (flag,) = result.flags
    assert flag.kind == "busy"
    assert "2.0 times" in flag.text
    assert result.quantities["runtime"].value == pytest.approx(0.01 / 20 / 2)
    assert result.latency.median_s == pytest.approx(0.01)


def test_what_slowed_the_device_and_who_else_used_it_is_flagged(clock):
    meter = Steady(GPU, clock)
    meter.states = (
        DeviceState(temperature_c=40, throttle=()),
        DeviceState(temperature_c=83, throttle=("power cap",), foreign_processes=(4711,)),
    )
    result = profile(Load(clock), {"power"}, instruments=Instruments(GPU, meter, clock))
    assert [flag.kind for flag in result.flags] == ["throttled", "foreign"]
    assert "after the load: power cap" in result.flags[0].text
    assert "4711" in result.flags[1].text
    assert (result.state_before.temperature_c, result.state_after.temperature_c) == (40, 83)


def test_too_large_an_error_is_flagged_as_uncertain(clock):
    class Wild(Steady):
        def read(self, quantity):
            now = self.clock.now()
            return Reading(now, 100 + 90 * math.sin(3 * now))

    result = profile(
        Load(clock),
        {"power"},
        ProfileSettings(time_limit_s=8.0),
        Instruments(GPU, Wild(GPU, clock), clock),
    )
    assert "uncertain" in [flag.kind for flag in result.flags]
    assert result.seconds < 10


def test_a_meter_that_fails_is_closed_and_the_device_free(clock):
    class Failing(Steady):
        def read(self, quantity):
            if self.clock.now() > 3:
                raise MeterReadError("failing", "gone", "buy another")
            return super().read(quantity)

    meter = Failing(GPU, clock)
    with pytest.raises(MeterReadError, match="meter failing: gone; buy another"):
        profile(Load(clock), {"power"}, instruments=Instruments(GPU, meter, clock))
    assert meter.opened == 0
    with DeviceLock(GPU, timeout_s=0.1):
        pass


def test_only_one_profile_at_a_time(clock, monkeypatch):
    monkeypatch.setattr(
        "hwsearch.measuring.profiler.DeviceLock", lambda device: DeviceLock(device, 0.1)
    )
    with DeviceLock(GPU), pytest.raises(DeviceBusyError):
        profile(Load(clock), {"runtime"}, instruments=Instruments(GPU, clock=clock))


def test_power_without_a_meter_is_said_before_anything_runs(clock, monkeypatch):
    monkeypatch.setenv("PATH", "")
    load = Load(clock)
    with pytest.raises(MeterUnavailableError, match="it can measure:"):
        profile(load, {"power"}, ProfileSettings(meter="nvidia_smi"), Instruments(CPU, clock=clock))
    assert clock.now() == 0
