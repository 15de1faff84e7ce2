"""Energy of the processor and its memory: RAPL counters through Linux' powercap files.

Source: the kernel's documentation, power/powercap/powercap.rst and ABI/testing/sysfs-class-powercap
(zones, `energy_uj`, `max_energy_range_uj`), and Intel's Software Developer's Manual, volume 3B,
"RAPL Interfaces" (domains; counters move about once a millisecond). On AMD the kernel shows the
same files, with packages and no dram.

The energy is the sum of all `package-N` and `dram` zones. Other zones are not added: those inside
a package (core, uncore) are part of its energy; `psys` is the whole platform and contains the
packages; the `intel-rapl-mmio` zones are the same packages through another interface.

The counters cover the whole machine, including the work of other processes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hwsearch.meters import sysfs
from hwsearch.meters.clock import REAL_CLOCK, Clock
from hwsearch.meters.cpu_state import cpu_state
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import (
    Availability,
    Channel,
    DeviceState,
    Meter,
    MeterError,
    MeterReadError,
    MeterUnavailableError,
    Reading,
)

ROOT = Path("/sys/class/powercap")
UPDATE_S = 0.001
JOULE_PER_UJ = 1e-6
COVERS = "processors and memory of the whole machine, including other processes"


@dataclass(slots=True)
class Zone:
    """One counter, and the energy since its first reading.

    Attributes:
        path: Its folder.
        name: `package-0`, `dram-0`.
        span_uj: The largest value of the counter, after which it starts at 0 again.
        last_uj: The last value; None before the first reading.
        total_uj: Energy since the first reading.
    """

    path: Path
    name: str
    span_uj: int
    last_uj: int | None = None
    total_uj: int = 0

    def advance(self, value_uj: int) -> int:
        """Adds a new value of the counter; returns the energy since the first, in microjoules.

        A value below the last one means that the counter overflowed, once: it lasts for more than
        a minute at 1 kW, and is read far more often.
        """
        if not 0 <= value_uj <= self.span_uj:
            raise MeterReadError(
                "rapl", f"{self.path / 'energy_uj'}: got {value_uj}; expected 0 to {self.span_uj}"
            )
        if self.last_uj is not None:
            step = value_uj - self.last_uj
            self.total_uj += step if step >= 0 else step + self.span_uj
        self.last_uj = value_uj
        return self.total_uj


class RaplMeter(Meter):
    """The energy counter of all packages and their memory.

    Args:
        device: A processor; these counters do not cover GPUs.
        clock: Gives the times of the readings.
        root: The folder of the zones; another one in tests.
    """

    name: ClassVar[str] = "rapl"

    def __init__(
        self, device: Device | None = None, clock: Clock = REAL_CLOCK, root: Path = ROOT
    ) -> None:
        super().__init__(device, clock)
        self._root = root
        self._zones: list[Zone] = []
        self._lock = threading.Lock()

    def available(self) -> Availability:
        """Whether there are zones for this device, and the user may read them."""
        try:
            self._open()
        except MeterError as error:
            return Availability(False, error.cause, error.remedy)
        return Availability(True)

    def channels(self) -> Sequence[Channel]:
        """One energy counter, the sum of the zones."""
        try:
            zones = self._zones or self._open()
        except MeterError:
            return ()
        field_name = " + ".join(zone.name for zone in zones)
        return (Channel("energy", field_name, UPDATE_S, covers=COVERS),)

    def start(self) -> None:
        """Finds the zones and reads them once."""
        self._zones = self._open()

    def read(self, quantity: str) -> Reading:
        """J since `start`, all zones together."""
        if quantity != "energy":
            raise MeterReadError(self.name, f"cannot measure {quantity}", "it measures energy")
        with self._lock:
            if not self._zones:
                raise MeterReadError(self.name, "not started")
            total = sum(zone.advance(self._number(zone.path / "energy_uj")) for zone in self._zones)
            return Reading(self.clock.now(), total * JOULE_PER_UJ)

    def stop(self) -> None:
        """Forgets the zones; nothing is open."""
        with self._lock:
            self._zones = []

    def state(self) -> DeviceState:
        """The processor's clock and temperature."""
        return cpu_state()

    def describe_device(self) -> str:
        """The processor and the zones."""
        zones = ", ".join(zone.name for zone in self._zones)
        return f"{super().describe_device()}{f': {zones}' if zones else ''}"

    def _open(self) -> list[Zone]:
        """The zones that are added, each read once."""
        if self.device is not None and self.device.kind != "cpu":
            raise MeterUnavailableError(
                self.name, f"measures processors, not {self.device}", "use nvml or nvidia_smi"
            )
        zones = []
        for folder in sorted(self._root.glob("intel-rapl:*")):
            zone_name = sysfs.text(folder / "name")
            if not (zone_name.startswith("package") or zone_name == "dram"):
                continue
            if zone_name == "dram":
                zone_name = f"dram-{folder.name.split(':')[1]}"
            zone = Zone(folder, zone_name, self._number(folder / "max_energy_range_uj"))
            zone.advance(self._number(folder / "energy_uj"))
            zones.append(zone)
        if not any(zone.name.startswith("package") for zone in zones):
            raise MeterUnavailableError(
                self.name,
                f"no intel-rapl package under {self._root}",
                "needs Linux on bare-metal Intel or AMD hardware, not a virtual machine "
                "(sudo modprobe intel_rapl_msr)",
            )
        return zones

    def _number(self, path: Path) -> int:
        try:
            return sysfs.number(self.name, path)
        except PermissionError as error:
            # Readable for root only since Linux 5.10 (CVE-2020-8694).
            raise MeterUnavailableError(
                self.name,
                f"{path} can be read by root only",
                f"until the next boot: sudo chmod a+r {self._root}/intel-rapl:*/{path.name}",
            ) from error
