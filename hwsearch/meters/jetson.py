"""Power of NVIDIA Jetson modules: their INA3221 sensors, under /sys.

Source: NVIDIA's Jetson Linux developer guides ("Software-Based Power Consumption Modeling": the
sensors, rails and paths of each module) and the kernel's hwmon/ina3221.rst. Two drivers:

    Jetson Linux 32 and before, under bus/i2c/drivers/ina3221x/*/iio:device*/
        rail_name_0, in_power0_input (mW)
    since, under bus/i2c/drivers/ina3221/*/hwmon/hwmon*/
        in1_label, in1_input (mV), curr1_input (mA)

The power is that of the whole module: of the rail that feeds all of it if that rail is measured
(VDD_IN; POM_5V_IN on the Nano), otherwise the sum of the parallel rails (AGX Xavier, AGX Orin; on
the latter VDDQ_VDD2_1V8AO is part of VIN_SYS_5V0 and not added). The carrier board (VDD_MUX and
others) is not included. GPU and CPU are: a Jetson has no separate reading for a process or device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hwsearch.meters import sysfs
from hwsearch.meters.clock import REAL_CLOCK, Clock
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

ROOT = Path("/sys")
INTEGRATED = "(nvgpu)"  # in the name under which newer drivers list a Jetson's own GPU
COVERS = "the whole module, including the CPU; without its carrier board"

#: Rails that together feed the whole module, by model; the first set that is present counts.
TOTALS: tuple[tuple[str, ...], ...] = (
    ("VDD_IN",),  # TX1, TX2, TX2 NX, Xavier NX, Orin NX, Orin Nano
    ("POM_5V_IN",),  # Nano
    ("GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V"),  # AGX Xavier
    ("VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"),  # AGX Orin
)


@dataclass(frozen=True, slots=True)
class Rail:
    """One channel of a sensor.

    Attributes:
        label: The rail's name on this module.
        files: (power in mW,), or (voltage in mV, current in mA).
    """

    label: str
    files: tuple[Path, ...]

    def watts(self) -> float:
        """The present power.

        Raises:
            MeterReadError: The sensor gives no number, or a negative voltage.
        """
        try:
            values = [sysfs.number(JetsonMeter.name, path) for path in self.files]
        except PermissionError as error:
            raise MeterReadError(
                JetsonMeter.name,
                f"no permission to read {error.filename}",
                "run as root, or chmod a+r",
            ) from error
        if len(values) == 1:
            return values[0] * 1e-3
        millivolts, milliamperes = values
        if millivolts < 0:
            raise MeterReadError(
                JetsonMeter.name, f"{self.files[0]}: got {millivolts}; expected millivolts from 0"
            )
        return millivolts * milliamperes * 1e-6


def find_rails(root: Path = ROOT) -> dict[str, Rail]:
    """All named rails by name, in the order of the sensors' addresses."""
    drivers = root / "bus" / "i2c" / "drivers"
    rails: dict[str, Rail] = {}
    for folder in sorted(drivers.glob("ina3221x/*/iio[:_]device*")):
        for channel in range(3):
            label = sysfs.text(folder / f"rail_name_{channel}")
            _add(rails, label, (folder / f"in_power{channel}_input",))
    for folder in sorted(drivers.glob("ina3221/*/hwmon/hwmon*")):
        for channel in range(1, 4):  # 4 to 7 are shunt voltages and their sum
            label = sysfs.text(folder / f"in{channel}_label")
            _add(rails, label, (folder / f"in{channel}_input", folder / f"curr{channel}_input"))
    return rails


def _add(rails: dict[str, Rail], label: str, files: tuple[Path, ...]) -> None:
    if label and label.upper() != "NC" and all(file.exists() for file in files):
        rails.setdefault(label, Rail(label, files))


def total_of(rails: dict[str, Rail]) -> tuple[Rail, ...]:
    """The rails that together feed the whole module; () if that is not known."""
    for labels in TOTALS:
        if all(label in rails for label in labels):
            return tuple(rails[label] for label in labels)
    return ()


class JetsonMeter(Meter):
    """Power of the module.

    Args:
        device: The CPU or the module's own GPU; the whole module is measured in any case.
        clock: Gives the times of the readings.
        root: `/sys`; another folder in tests.
    """

    name: ClassVar[str] = "jetson"

    def __init__(
        self, device: Device | None = None, clock: Clock = REAL_CLOCK, root: Path = ROOT
    ) -> None:
        super().__init__(device, clock)
        self._root = root
        self._rails: tuple[Rail, ...] = ()

    def available(self) -> Availability:
        """Whether the sensors exist, are of a known module and give numbers."""
        try:
            self._open()
        except MeterError as error:
            return Availability(False, error.cause, error.remedy)
        return Availability(True)

    def channels(self) -> Sequence[Channel]:
        """The module's power. The sensor's update period depends on its configuration."""
        try:
            rails = self._rails or self._open()
        except MeterError:
            return ()
        return (Channel("power", " + ".join(rail.label for rail in rails), covers=COVERS),)

    def start(self) -> None:
        """Finds the sensors."""
        self._rails = self._open()

    def read(self, quantity: str) -> Reading:
        """W."""
        if quantity != "power":
            raise MeterReadError(self.name, f"cannot measure {quantity}", "it measures power")
        if not self._rails:
            raise MeterReadError(self.name, "not started")
        return Reading(self.clock.now(), sum(rail.watts() for rail in self._rails))

    def stop(self) -> None:
        """Forgets the rails; nothing is open."""
        self._rails = ()

    def state(self) -> DeviceState:
        """The GPU's temperature; Jetsons report no throttle reasons here."""
        for zone in sorted(self._root.glob("class/thermal/thermal_zone*")):
            if sysfs.text(zone / "type").lower().startswith("gpu"):
                degrees = sysfs.text(zone / "temp")
                if degrees.lstrip("-").isdigit():
                    return DeviceState(temperature_c=int(degrees) / 1000)
        return DeviceState()

    def describe_device(self) -> str:
        """The module by its name in the device tree."""
        model = sysfs.text(self._root / "firmware" / "devicetree" / "base" / "model")
        return model.rstrip("\0") or super().describe_device()

    def _open(self) -> tuple[Rail, ...]:
        """The rails that are added, each read once."""
        if self.device and self.device.uuid and INTEGRATED not in self.device.name:
            raise MeterUnavailableError(
                self.name, f"measures Jetson modules, not {self.device}", "use nvml or nvidia_smi"
            )
        rails = find_rails(self._root)
        if not rails:
            raise MeterUnavailableError(
                self.name,
                "no INA3221 power sensor under /sys/bus/i2c/drivers",
                "needs an NVIDIA Jetson with such a sensor (the Nano 2GB has none)",
            )
        total = total_of(rails)
        if not total:
            raise MeterUnavailableError(
                self.name,
                f"unknown module with the rails {', '.join(rails)}: their total may be wrong",
                "add the module's rails to TOTALS in hwsearch/meters/jetson.py",
            )
        for rail in total:
            rail.watts()
        return total
