"""The interface of a meter, and the errors with which it reports that it cannot measure.

A meter is one source of readings about one device: a driver library, a program, files under /sys,
or a recording. It has one or two channels: `power` in W, and `energy` in J, a counter that only
grows. A meter only reads. Polling, windows, integration, checks and standard errors are in
`hwsearch/measuring/`, once for all meters.

    meter = SomeMeter(device)
    if meter.available().ok:
        with meter:                       # start() ... stop()
            meter.read("power")           # Reading(time_s=81.25, value=143.2)

To write a meter:

1. Subclass `Meter` and implement `available`, `channels`, `start`, `read` and `stop`.
2. Describe the sensor in each `Channel`. From `update_s`, `averaging_s` and `settle_s` the profiler
   derives how often to poll and which readings describe the load alone.
3. Return only values that the sensor gave. If there is none, raise `MeterReadError`: never return
   0, an old value or an estimate.
4. Test it with `hwsearch.testing.meters.MeterConformance`.
5. Add it to `REGISTRY` in `hwsearch/meters/__init__.py`, or give it to the profiler:
   `profile(load, {"power"}, instruments=Instruments(meter=meter))`.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, ClassVar, Self

from hwsearch.errors import UserError
from hwsearch.meters.clock import REAL_CLOCK, Clock
from hwsearch.meters.device import Device

UNITS = {"power": "W", "energy": "J"}


class MeterError(UserError):
    """A meter cannot give a correct value; says what happened and what would help.

    Args:
        meter: The meter's name.
        cause: What happened: one line that continues "meter NAME: ", without a full stop.
        remedy: What the user can do about it; "" if nothing is known.
    """

    def __init__(self, meter: str, cause: str, remedy: str = "") -> None:
        super().__init__(f"meter {meter}: {cause}" + (f"; {remedy}" if remedy else ""))
        self.meter = meter
        self.cause = cause
        self.remedy = remedy


class MeterUnavailableError(MeterError):
    """The machine or device has no such sensor, or the user lacks the permission to read it."""


class MeterReadError(MeterError):
    """A started meter failed: it stopped answering, died, or gave an unusable answer."""


class WindowTooShortError(MeterError):
    """The load was too short for this sensor: no number is better than a wrong one."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a meter works here.

    Attributes:
        ok: Whether it gave a value when tried.
        reason: If not: why, in one line.
        remedy: What the user can do about it; "" if nothing is known.
    """

    ok: bool
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """One quantity that a meter reads, and how its sensor behaves.

    Attributes:
        quantity: `power` or `energy`, a key of `UNITS`.
        field: What is read, by its maker's name, such as "power.draw.instant".
        update_s: Seconds between two new values of the sensor. 0 = every read gives a new value;
            None = unknown: the profiler then finds it by watching the value change.
        averaging_s: Seconds over which the sensor averages each value; 0 = instantaneous.
        settle_s: Further seconds after the start of a load until a value describes the load alone,
            for filters and delays that `averaging_s` does not cover.
        covers: What the value includes and how accurate it is, for people; "" = not stated.
    """

    quantity: str
    field: str
    update_s: float | None = None
    averaging_s: float = 0.0
    settle_s: float = 0.0
    covers: str = ""

    @property
    def unit(self) -> str:
        """W or J."""
        return UNITS[self.quantity]

    def to_json(self) -> dict[str, Any]:
        """A dictionary for reports."""
        return asdict(self) | {"unit": self.unit}


@dataclass(frozen=True, slots=True)
class Reading:
    """A value, and when it was read in seconds of the meter's clock."""

    time_s: float
    value: float


@dataclass(frozen=True, slots=True)
class DeviceState:
    """The conditions of a measurement; None = unknown.

    Attributes:
        temperature_c: Degrees Celsius.
        clock_mhz: Clock of the processing units.
        memory_clock_mhz: Clock of the memory.
        power_limit_w: The enforced power limit.
        throttle: Reasons why the device runs slower than it could; () = it does not.
        foreign_processes: Ids of other processes that use the device.
    """

    temperature_c: float | None = None
    clock_mhz: float | None = None
    memory_clock_mhz: float | None = None
    power_limit_w: float | None = None
    throttle: tuple[str, ...] | None = None
    foreign_processes: tuple[int, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """A dictionary for reports."""
        return asdict(self)


class Meter(abc.ABC):
    """One source of readings about one device.

    Creating a meter only keeps the arguments: it loads no library and starts no process.

    Args:
        device: The device to measure; None = the device of this job.
        clock: Gives the times of the readings.

    Attributes:
        name: How users name the meter, such as `nvml`.
    """

    name: ClassVar[str]

    def __init__(self, device: Device | None = None, clock: Clock = REAL_CLOCK) -> None:
        self.device = device
        self.clock = clock

    @abc.abstractmethod
    def available(self) -> Availability:
        """Tries whether the meter works here. Never raises; leaves nothing open or running."""

    @abc.abstractmethod
    def channels(self) -> Sequence[Channel]:
        """The quantities it can read here, at most one channel each; () if it does not work.

        Only channels that gave a value when tried.
        """

    @abc.abstractmethod
    def start(self) -> None:
        """Opens the meter. It is called once before each `stop`.

        Raises:
            MeterUnavailableError: It does not work here.
        """

    @abc.abstractmethod
    def read(self, quantity: str) -> Reading:
        """Returns the newest value: power in W, or energy in J since an arbitrary fixed moment.

        May be called from several threads at once. May wait for the next value of a stream, for a
        limited time. An energy counter never decreases: the meter corrects overflows.

        Args:
            quantity: `power` or `energy`.

        Raises:
            MeterReadError: No usable value, such as "[N/A]", an error code or no answer; or the
                meter is not started or has no such channel.
        """

    @abc.abstractmethod
    def stop(self) -> None:
        """Closes the meter and leaves nothing running. May be called at any time, also twice."""

    def state(self) -> DeviceState:
        """The present clocks, temperature and other conditions. Never raises."""
        return DeviceState()

    def remarks(self) -> list[str]:
        """Anomalies since `start` that are not errors, such as lost values; one sentence each."""
        return []

    def describe_device(self) -> str:
        """The device by its maker's name, for reports."""
        return str(self.device) if self.device else "this machine"

    def channel(self, quantity: str) -> Channel | None:
        """The channel of a quantity; None if there is none."""
        return next((c for c in self.channels() if c.quantity == quantity), None)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
