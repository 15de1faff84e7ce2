"""What every meter offers, and how it says that it cannot measure.

A meter is one source of truth about one device: a driver library, a program, a file under /sys, a
recording. It offers channels: power (W), energy (J, a counter that only grows), memory (bytes, the
peak since `start`). Everything that turns readings into a mean with an error (polling, windows,
integration) is in `hwsearch/measuring/`, once for all meters.

    meter = SomeMeter(device, clock)
    if meter.available().ok:
        with meter:                       # start() ... stop()
            meter.read("power")           # Reading(time_s=81.25, value=143.2)
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

UNITS = {"power": "W", "energy": "J", "memory": "bytes"}


class MeterError(UserError):
    """A meter that cannot give a right number: what happened and what would help.

    Args:
        meter: The meter's name.
        cause: What happened, as a part of a sentence without a full stop.
        remedy: What the user can do; "" if nothing is known.
    """

    def __init__(self, meter: str, cause: str, remedy: str = "") -> None:
        super().__init__(f"meter {meter}: {cause}" + (f"; {remedy}" if remedy else ""))
        self.meter = meter
        self.cause = cause
        self.remedy = remedy


class MeterUnavailableError(MeterError):
    """This machine or device has no such meter, or the user may not read it."""


class MeterReadError(MeterError):
    """The meter was there and stopped answering, died, or answered something unusable."""


class WindowTooShortError(MeterError):
    """The load was too short for this sensor: no number is better than a wrong one."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a meter works here; if not, why, and what the user can do about it."""

    ok: bool
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """One quantity of a meter.

    Attributes:
        quantity: `power`, `energy` or `memory`; the unit follows from it (`UNITS`).
        field: What is read, by the name its maker uses ("power.draw.instant").
        update_s: Seconds between two new values; 0 = every read is new; None = not known, it is
            then found by watching the values change.
        averaging_s: Each value is the mean of about so many seconds before it; 0 = instantaneous.
        resolution: Smallest difference between two values, in the unit; 0 = not known.
        settle_s: Extra seconds after the load's start before a value describes the load alone
            (filters and delays that `averaging_s` does not cover).
        covers: What the number is of and how exact, for people; "" = nothing to say.
    """

    quantity: str
    field: str
    update_s: float | None = None
    averaging_s: float = 0.0
    resolution: float = 0.0
    settle_s: float = 0.0
    covers: str = ""

    @property
    def unit(self) -> str:
        """W, J or bytes."""
        return UNITS[self.quantity]

    def to_json(self) -> dict[str, Any]:
        """A dictionary for reports."""
        return asdict(self) | {"unit": self.unit}


@dataclass(frozen=True, slots=True)
class Reading:
    """A value and the moment it was read, in seconds of the meter's clock."""

    time_s: float
    value: float


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What else matters for a measurement, as far as the meter can tell; None = it cannot.

    Attributes:
        temperature_c: Degrees Celsius.
        clock_mhz: Of the processing units.
        memory_clock_mhz: Of the memory.
        power_limit_w: The enforced limit.
        throttle: Reasons for which the device runs slower than it could; () = none.
        foreign_processes: Ids of processes that use the device too and are not ours.
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
    """One source of truth about one device. Subclasses: one a file in this package.

    Making a meter does nothing but keep the arguments: no library is loaded, no process started.

    Args:
        device: Whose power, energy or memory; None = the job's own device.
        clock: Gives the times of the readings.
    """

    name: ClassVar[str]

    def __init__(self, device: Device | None = None, clock: Clock = REAL_CLOCK) -> None:
        self.device = device
        self.clock = clock

    @abc.abstractmethod
    def available(self) -> Availability:
        """Whether it works here, found by trying. Never raises; leaves nothing running or open."""

    @abc.abstractmethod
    def channels(self) -> Sequence[Channel]:
        """What it can measure here; only channels that gave a number when tried. () if none."""

    @abc.abstractmethod
    def start(self) -> None:
        """Opens it. Peak memory counts from here. Starting twice is an error of the caller.

        Raises:
            MeterUnavailableError: It does not work here; with the remedy.
        """

    @abc.abstractmethod
    def read(self, quantity: str) -> Reading:
        """The newest value: power in W, energy in J since some fixed moment, peak memory in bytes.

        Safe to call from several threads. An energy counter's wrap-around is already undone.
        May wait for the next value of a stream, for a bounded time.

        Raises:
            MeterReadError: No usable value ("[N/A]", an error code, no answer); never 0 instead.
        """

    @abc.abstractmethod
    def stop(self) -> None:
        """Closes it and leaves nothing behind. May be called at any time and twice."""

    def state(self) -> DeviceState:
        """Clocks, temperature and the like, now. Unknown values are None; never raises."""
        return DeviceState()

    def remarks(self) -> list[str]:
        """What was odd since `start` but no error, a sentence each: answers left out, say."""
        return []

    def describe_device(self) -> str:
        """The device by its maker's name, for reports."""
        return str(self.device) if self.device else "this machine"

    def channel(self, quantity: str) -> Channel | None:
        """The channel of a quantity, or None."""
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
