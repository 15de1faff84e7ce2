"""Whole profiles in virtual time; one with Keras is in test_inference_load.py."""

from __future__ import annotations

import itertools
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
    Channel,
    DeviceState,
    MeterReadError,
    MeterUnavailableError,
    Reading,
)
from hwsearch.testing.virtual_clock import VirtualClock
from tests.hwsearch.measuring.stand_ins import FunctionMeter, SleepingLoad

GPU = Device("gpu", "a GPU", "GPU-1")
CPU = Device("cpu", "a CPU")


class Steady(FunctionMeter):
    """100 W and a little noise, whatever runs; counts how often it is open."""

    name = "steady"
    states: tuple[DeviceState, ...] = (DeviceState(), DeviceState())

    def __init__(self, clock):
        super().__init__(clock, [Channel("power", "draw", 0.1)], self.power)
        self.opened = 0

    def power(self, _, now):
        return 100 + math.sin(777 * math.floor(now * 10))

    def start(self):
        self.opened += 1

    def stop(self):
        self.opened -= 1

    def state(self):
        first, *_ = self.states
        self.states = self.states[1:] or (first,)
        return first


class Wild(Steady):
    def power(self, _, now):
        return 100 + 60 * math.sin(3 * now)


@pytest.fixture(autouse=True)
def own_locks(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture
def clock():
    return VirtualClock()


def test_power_energy_and_runtime_of_a_gpu(clock):
    meter = Steady(clock)
    result = profile(
        SleepingLoad(clock),
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


def test_what_was_read_and_when_is_kept(clock):
    clock.sleep(100)
    instruments = Instruments(GPU, Steady(clock), clock)
    result = profile(SleepingLoad(clock), {"power"}, instruments=instruments)
    assert result.channels["power"].field == "draw"
    assert result.latency.batch_size == 20
    assert 0 < result.windows[0].start_s < result.windows[-1].end_s < result.seconds


def test_time_alone_needs_no_meter(clock):
    references = [Reference(SleepingLoad(clock, 0.001), 0.001)]
    result = profile(
        SleepingLoad(clock), {"runtime"}, instruments=Instruments(CPU, None, clock, references)
    )
    assert set(result.quantities) == {"runtime"}
    assert result.seconds < 3.1
    assert result.idle_power is None


def test_the_time_limit_holds_for_the_whole_profile(clock):
    for limit in (None, 8.0):
        meter = Wild(clock)
        result = profile(
            SleepingLoad(clock),
            {"power"},
            ProfileSettings(time_limit_s=limit, target_error=0.001),
            Instruments(GPU, meter, clock),
        )
        assert (limit or 10.0) - 2 < result.seconds <= (limit or 10.0)


def test_it_says_how_far_it_is(clock):
    lines = []
    profile(
        SleepingLoad(clock),
        {"power"},
        ProfileSettings(time_limit_s=8.0, target_error=0.001),
        Instruments(GPU, Wild(clock), clock),
        say=lines.append,
    )
    assert lines[0] == "measuring: 0.0 s of at most 8.0 s"
    assert 4 <= len(lines) <= 9
    seconds = [float(line.split()[1]) for line in lines]
    assert all(after - before >= 1 for before, after in itertools.pairwise(seconds))
    lines.clear()
    references = [Reference(SleepingLoad(clock, 0.001), 0.001)]
    profile(
        SleepingLoad(clock),
        {"runtime"},
        ProfileSettings(time_limit_s=3.0),
        Instruments(CPU, None, clock, references),
        say=lines.append,
    )
    assert lines == [f"measuring: {second}.0 s of at most 3.0 s" for second in (0, 1)]


def test_without_a_meter_the_state_is_still_recorded(clock, monkeypatch):
    states = [DeviceState(clock_mhz=1410, throttle=()), DeviceState(throttle=("power cap",))]
    monkeypatch.setattr("hwsearch.measuring.profiler.observer", lambda *_: lambda: states.pop(0))
    result = profile(SleepingLoad(clock), {"runtime"}, instruments=Instruments(GPU, clock=clock))
    assert result.state_before.clock_mhz == 1410
    assert [flag.kind for flag in result.flags] == ["throttled"]


def test_a_hanging_meter_is_an_error_and_is_not_waited_for(monkeypatch):
    """In real time: neither its reading nor its stop returns."""
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

    meter = Hanging(REAL_CLOCK)
    try:
        with pytest.raises(MeterReadError, match="no answer for"):
            profile(SleepingLoad(REAL_CLOCK), {"power"}, instruments=Instruments(GPU, meter))
    finally:
        end.set()
    with DeviceLock(GPU, timeout_s=0.1):
        pass


def test_a_busy_machine_is_flagged(clock):
    references = [Reference(SleepingLoad(clock, 0.002), 0.001)]
    result = profile(
        SleepingLoad(clock), {"runtime"}, instruments=Instruments(CPU, None, clock, references)
    )
    (flag,) = result.flags
    assert flag.kind == "busy"
    assert "2.0 times" in flag.text
    assert result.quantities["runtime"].value == pytest.approx(0.01 / 20 / 2)
    assert result.latency.median_s == pytest.approx(0.01)


def test_throttling_and_other_processes_are_flagged(clock):
    meter = Steady(clock)
    meter.states = (
        DeviceState(temperature_c=40, throttle=()),
        DeviceState(temperature_c=83, throttle=("power cap",), foreign_processes=(4711,)),
    )
    result = profile(SleepingLoad(clock), {"power"}, instruments=Instruments(GPU, meter, clock))
    assert [flag.kind for flag in result.flags] == ["throttled", "foreign"]
    assert "after the load: power cap" in result.flags[0].text
    assert "4711" in result.flags[1].text
    assert (result.state_before.temperature_c, result.state_after.temperature_c) == (40, 83)


def test_too_large_an_error_is_flagged_as_uncertain(clock):
    result = profile(
        SleepingLoad(clock),
        {"power"},
        ProfileSettings(time_limit_s=8.0),
        Instruments(GPU, Wild(clock), clock),
    )
    assert "uncertain" in [flag.kind for flag in result.flags]
    assert result.seconds < 10


def test_after_an_error_the_meter_is_stopped_and_the_device_unlocked(clock):
    class Failing(Steady):
        def read(self, quantity):
            if self.clock.now() > 3:
                raise MeterReadError("failing", "gone", "buy another")
            return super().read(quantity)

    meter = Failing(clock)
    with pytest.raises(MeterReadError, match="meter failing: gone; buy another"):
        profile(SleepingLoad(clock), {"power"}, instruments=Instruments(GPU, meter, clock))
    assert meter.opened == 0
    with DeviceLock(GPU, timeout_s=0.1):
        pass


def test_only_one_profile_at_a_time(clock, monkeypatch):
    monkeypatch.setattr(
        "hwsearch.measuring.profiler.DeviceLock", lambda device, say: DeviceLock(device, 0.1)
    )
    with DeviceLock(GPU), pytest.raises(DeviceBusyError):
        profile(SleepingLoad(clock), {"runtime"}, instruments=Instruments(GPU, clock=clock))


def test_power_without_a_meter_is_an_error_before_anything_runs(clock, monkeypatch):
    monkeypatch.setenv("PATH", "")
    load = SleepingLoad(clock)
    with pytest.raises(MeterUnavailableError, match="this machine can measure:"):
        profile(load, {"power"}, ProfileSettings(meter="nvidia_smi"), Instruments(CPU, clock=clock))
    assert clock.now() == 0


def test_a_remark_of_the_meter_is_a_flag(clock):
    meter = Steady(clock)
    meter.remarks = lambda: ["ignored 1 row"]
    result = profile(SleepingLoad(clock), {"power"}, instruments=Instruments(GPU, meter, clock))
    assert [(flag.kind, flag.text) for flag in result.flags] == [("remark", "ignored 1 row")]


def test_making_the_references_of_a_cpu_is_not_part_of_the_profile(clock, monkeypatch):
    def keras_references(_, typical_s):
        clock.sleep(60)
        return [Reference(SleepingLoad(clock, typical_s), typical_s)]

    monkeypatch.setattr("hwsearch.measuring.reference_networks.keras_references", keras_references)
    for meter in (None, Steady(clock)):
        before_s = clock.now()
        metrics = {"power", "runtime"} if meter else {"runtime"}
        result = profile(SleepingLoad(clock), metrics, instruments=Instruments(CPU, meter, clock))
        assert clock.now() - before_s > 60
        assert 1.5 < result.seconds < 10
        assert "reference networks" in result.quantities["runtime"].source
        assert all(0 < w.start_s < w.end_s < result.seconds for w in result.windows)


def test_a_hopeless_network_is_measured_no_further(clock):
    meter = Steady(clock)
    result = profile(
        SleepingLoad(clock, seconds=100.0),
        {"power", "runtime", "memory"},
        instruments=Instruments(GPU, meter, clock),
        runtime_bound_s=0.01,
    )
    assert set(result.quantities) == {"runtime"}
    assert result.seconds == pytest.approx(200.0)
    assert [flag.kind for flag in result.flags] == ["hopeless"]


def test_a_network_within_its_bound_is_measured_as_without_one(clock):
    load = SleepingLoad(clock)
    found = [
        profile(
            load, {"runtime"}, instruments=Instruments(GPU, None, clock), runtime_bound_s=bound_s
        ).quantities["runtime"]
        for bound_s in (math.inf, 0.01 / 20 * 1.01)
    ]
    assert found[0].samples == found[1].samples
