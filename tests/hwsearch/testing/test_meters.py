"""The conformance suite itself: a correct meter passes, and each fault fails the right test."""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap
import threading

import pytest

from hwsearch.meters.protocol import (
    Availability,
    Channel,
    Meter,
    MeterReadError,
    MeterUnavailableError,
    Reading,
)
from hwsearch.testing import meters
from hwsearch.testing.meters import MeterConformance

SUITE = [name for name in dir(MeterConformance) if name.startswith("test_")]


class Correct(Meter):
    """Power, and energy that grows with every reading; `works` or not."""

    name = "correct"
    works = True

    def __init__(self, device=None, **more):
        super().__init__(device, **more)
        self.joules = None
        self.lock = threading.Lock()

    def available(self):
        return Availability(True) if self.works else Availability(False, "no sensor", "buy one")

    def channels(self):
        return [Channel("power", "draw", 0.1), Channel("energy", "count")] if self.works else []

    def start(self):
        if not self.works:
            raise MeterUnavailableError(self.name, "no sensor", "buy one")
        self.joules = 0.0

    def read(self, quantity):
        with self.lock:
            if self.joules is None or quantity not in ("power", "energy"):
                raise MeterReadError(self.name, f"no channel for {quantity}, or not started")
            self.joules += 1.0
            return Reading(self.clock.now(), 60.0 if quantity == "power" else self.joules)

    def stop(self):
        self.joules = None


class Absent(Correct):
    works = False


class Nameless(Correct):
    name = ""


class Unavailable(Correct):
    def available(self):
        return Availability(False, "busy")


class StartedByLooking(Correct):
    def available(self):
        self.start()
        return Availability(True)


class TwoPowers(Correct):
    def channels(self):
        return [Channel("power", "draw"), Channel("power", "average")]


class Heat(Correct):
    def channels(self):
        return [*super().channels(), Channel("heat", "draw")]


class NegativeUpdate(Correct):
    def channels(self):
        return [Channel("power", "draw", -0.1)]


class OtherClock(Correct):
    def read(self, quantity):
        return Reading(super().read(quantity).time_s + 1e9, 60.0)


class NotANumber(Correct):
    def read(self, quantity):
        return Reading(super().read(quantity).time_s, float("nan"))


class Zero(Correct):
    def read(self, quantity):
        return Reading(super().read(quantity).time_s, 0.0)


class Overflowing(Correct):
    def read(self, quantity):
        reading = super().read(quantity)
        return Reading(reading.time_s, 60.0 if quantity == "power" else -self.joules)


class AnswersAnything(Correct):
    def read(self, quantity):
        return super().read("power")


class ReadsAfterStop(Correct):
    def stop(self):
        pass


class StopsOnce(Correct):
    def stop(self):
        if self.joules is None:
            raise RuntimeError("stopped already")
        super().stop()


class OneThread(Correct):
    """Like a library that refuses calls from other threads than the one that opened it."""

    def read(self, quantity):
        if threading.current_thread() is not threading.main_thread():
            raise MeterReadError(self.name, "called from another thread")
        return super().read(quantity)


class LeavesAThread(Correct):
    def start(self):
        super().start()
        self.end = threading.Event()
        threading.Thread(target=self.end.wait, daemon=True).start()

    def __del__(self):
        self.end.set()


class LeavesAProcess(Correct):
    def start(self):
        super().start()
        self.child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    def __del__(self):
        self.child.communicate()


class StateRaises(Correct):
    def state(self):
        raise MeterReadError(self.name, "no temperature")


class SilentlyAbsent(Absent):
    def start(self):
        pass


class AbsentInTwoLines(Absent):
    def available(self):
        return Availability(False, "no sensor\nnor driver")


class AbsentWithoutReason(Absent):
    def available(self):
        return Availability(False)


FAULTS = {
    Nameless: "it_has_a_name",
    Unavailable: "available_leaves_nothing_started",
    StartedByLooking: "available_leaves_nothing_started",
    TwoPowers: "channels_describe_their_sensors",
    Heat: "channels_describe_their_sensors",
    NegativeUpdate: "channels_describe_their_sensors",
    OtherClock: "readings_are_finite_and_in_order_of_the_meters_clock",
    NotANumber: "readings_are_finite_and_in_order_of_the_meters_clock",
    Zero: "power_is_above_0_and_energy_never_decreases",
    Overflowing: "power_is_above_0_and_energy_never_decreases",
    AnswersAnything: "an_unknown_quantity_is_an_error",
    ReadsAfterStop: "it_can_be_stopped_twice_and_started_again",
    StopsOnce: "it_can_be_stopped_twice_and_started_again",
    OneThread: "several_threads_may_read",
    LeavesAThread: "no_thread_or_process_is_left_behind",
    LeavesAProcess: "no_thread_or_process_is_left_behind",
    StateRaises: "state_and_remarks_never_raise",
    SilentlyAbsent: "where_it_cannot_work_it_says_why",
    AbsentInTwoLines: "where_it_cannot_work_it_says_why",
    AbsentWithoutReason: "where_it_cannot_work_it_says_why",
}


def run(test, meter):
    getattr(MeterConformance(), test)(meter)


class TestCorrect(MeterConformance):
    @pytest.fixture
    def meter(self):
        return Correct()

    @pytest.fixture
    def absent(self):
        return Absent()


def test_every_test_of_the_suite_finds_a_fault():
    assert {f"test_{name}" for name in FAULTS.values()} == set(SUITE)


@pytest.mark.parametrize("faulty", FAULTS)
def test_a_faulty_meter_fails(faulty, monkeypatch):
    monkeypatch.setattr(meters, "PATIENCE_S", 0.05)
    with pytest.raises((AssertionError, pytest.fail.Exception, RuntimeError, MeterReadError)):
        run(f"test_{FAULTS[faulty]}", faulty())


def test_the_example_of_the_docstring_runs(tmp_path):
    lines = inspect.getdoc(meters).splitlines()
    first = lines.index("    import pytest")
    last = max(number for number, line in enumerate(lines) if line.startswith("        "))
    example = tmp_path / "test_my_meter.py"
    example.write_text(textwrap.dedent("\n".join(lines[first : last + 1])) + "\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(example)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{len(SUITE)} passed" in done.stdout


def test_a_fixture_that_is_not_overridden_says_what_to_do(tmp_path):
    example = tmp_path / "test_half.py"
    example.write_text(
        "from hwsearch.testing.meters import MeterConformance\n"
        "class TestHalf(MeterConformance): pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(example)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "override the fixture `meter`: return a meter that works here" in done.stdout
