r"""Tests that every meter must pass, for meters of this package and for those written elsewhere.

Inherit from `MeterConformance` in a test module and override its two fixtures. With a recording in
place of a real sensor:

    import pytest

    from hwsearch.meters.replay import ReplayMeter  # in its place, your own meter
    from hwsearch.testing.meters import MeterConformance


    class TestMyMeter(MeterConformance):
        @pytest.fixture
        def meter(self, tmp_path):
            recording = tmp_path / "recording.csv"
            recording.write_text("time_s,power_w\n0,61.2\n600,61.4\n")
            return ReplayMeter(path=recording)

        @pytest.fixture
        def absent(self, tmp_path):
            return ReplayMeter(path=tmp_path / "missing.csv")

Run it with `python -m pytest FILE`. A failing test states what `hwsearch.meters.protocol` requires.
A meter that passes can be given to the profiler:
`profile(load, {"power"}, instruments=Instruments(meter=MyMeter()))`.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from hwsearch.meters.protocol import (
    UNITS,
    Availability,
    DeviceState,
    Meter,
    MeterError,
    MeterReadError,
    MeterUnavailableError,
)

PATIENCE_S = 60.0  # longer than a meter takes on a machine that is very busy


class MeterConformance:
    """The protocol of a meter as tests. Override the fixtures `meter` and `absent`."""

    @pytest.fixture
    def meter(self) -> Meter:
        """A meter, not started, that works on the machine that runs the tests."""
        raise NotImplementedError("override the fixture `meter`: return a meter that works here")

    @pytest.fixture
    def absent(self) -> Meter:
        """A meter of the same class that cannot work: no sensor, program, library or file."""
        raise NotImplementedError("override the fixture `absent`: return one that cannot work here")

    @pytest.fixture
    def stopped(self, meter: Meter) -> Iterator[Meter]:
        """The meter; stopped at the end, also if a test fails before."""
        yield meter
        meter.stop()

    def test_it_has_a_name(self, meter: Meter) -> None:
        assert isinstance(meter, Meter), f"got {type(meter).__name__}; expected a Meter"
        assert meter.name, "name: users name the meter by it"

    def test_available_leaves_nothing_started(self, stopped: Meter) -> None:
        availability = stopped.available()
        assert availability.ok, f"available() of a meter that works: got {availability}"
        channels = stopped.channels()
        assert channels, "channels(): expected at least one of a meter that works"
        with pytest.raises(MeterError):
            stopped.read(channels[0].quantity)

    def test_channels_describe_their_sensors(self, stopped: Meter) -> None:
        channels = stopped.channels()
        quantities = [channel.quantity for channel in channels]
        assert len(set(quantities)) == len(quantities), f"one channel per quantity: {quantities}"
        for channel in channels:
            assert channel.quantity in UNITS, f"quantity: got {channel.quantity!r}"
            assert channel.field, f"{channel.quantity}: field names what is read"
            times = (channel.update_s or 0.0, channel.averaging_s, channel.settle_s)
            assert all(0 <= value < math.inf for value in times), f"times of {channel}"
            assert stopped.channel(channel.quantity) == channel

    def test_readings_are_finite_and_in_order_of_the_meters_clock(self, stopped: Meter) -> None:
        started_s = stopped.clock.now() - 1.0  # a sensor's timestamp may be rounded
        with stopped:
            for channel in stopped.channels():
                first, second = stopped.read(channel.quantity), stopped.read(channel.quantity)
                now = stopped.clock.now()
                assert started_s <= first.time_s <= second.time_s <= now, "time_s: by its clock"
                for value in (first.value, second.value):
                    assert math.isfinite(value), f"{channel.quantity}: got {value}"

    def test_power_is_above_0_and_energy_never_decreases(self, stopped: Meter) -> None:
        with stopped:
            for channel in stopped.channels():
                values = [stopped.read(channel.quantity).value for _ in range(3)]
                if channel.quantity == "power":
                    assert min(values) > 0, f"power: got {values}; without a value, raise an error"
                else:
                    assert values == sorted(values), f"energy: got {values}"

    def test_an_unknown_quantity_is_an_error(self, stopped: Meter) -> None:
        with stopped, pytest.raises(MeterReadError):
            stopped.read("happiness")

    def test_it_can_be_stopped_twice_and_started_again(self, stopped: Meter) -> None:
        stopped.stop()
        quantity = stopped.channels()[0].quantity
        for _ in range(2):
            stopped.start()
            stopped.read(quantity)
            stopped.stop()
            stopped.stop()
            with pytest.raises(MeterError):
                stopped.read(quantity)

    def test_several_threads_may_read(self, stopped: Meter) -> None:
        errors: list[Exception] = []

        def work(quantity: str) -> None:
            try:
                for _ in range(5):
                    stopped.read(quantity)
            except Exception as error:
                errors.append(error)

        with stopped:
            threads = [
                threading.Thread(target=work, args=(channel.quantity,), daemon=True)
                for channel in stopped.channels()
                for _ in range(3)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE_S)
        assert errors == [], f"read() from several threads: {errors}"
        assert not any(thread.is_alive() for thread in threads), "read() from several threads hangs"

    def test_no_thread_or_process_is_left_behind(self, stopped: Meter) -> None:
        before = _alive()
        with stopped:
            stopped.read(stopped.channels()[0].quantity)
        end = time.monotonic() + PATIENCE_S
        while _alive() - before and time.monotonic() < end:
            time.sleep(0.01)
        assert not _alive() - before, f"stop() left running: {_alive() - before}"

    def test_state_and_remarks_never_raise(self, stopped: Meter) -> None:
        assert isinstance(stopped.state(), DeviceState)
        with stopped:
            assert isinstance(stopped.state(), DeviceState)
            remarks = stopped.remarks()
            assert remarks == [], f"remarks() without an anomaly: got {remarks}"
            assert stopped.describe_device(), "describe_device() names the device"

    def test_where_it_cannot_work_it_says_why(self, absent: Meter) -> None:
        availability = absent.available()
        assert isinstance(availability, Availability)
        assert not availability.ok, "available() of a meter that cannot work here"
        assert availability.reason, "reason: why it does not work"
        assert "\n" not in availability.reason + availability.remedy, "one line"
        assert list(absent.channels()) == [], "channels() of a meter that cannot work here"
        with pytest.raises(MeterUnavailableError) as caught:
            absent.start()
        assert str(caught.value).startswith(f"meter {absent.name}: "), str(caught.value)
        absent.stop()
        assert isinstance(absent.state(), DeviceState)


def _alive() -> set[str]:
    """Threads and child processes of this process."""
    threads = {f"thread {thread.name} {thread.ident}" for thread in threading.enumerate()}
    children = psutil.Process().children(recursive=True)
    return threads | {f"process {child.pid}" for child in children}
