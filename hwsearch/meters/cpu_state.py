"""A processor's clock and temperature, from Linux' files, where there is no meter to tell them.

Source: the kernel's documentation, admin-guide/pm/cpufreq.rst (`scaling_cur_freq`, kHz),
hwmon/coretemp, hwmon/k10temp and driver-api/thermal/sysfs-api (thousandths of a degree Celsius).
Virtual machines tell a nominal clock and no temperature.
"""

from __future__ import annotations

import re
import statistics
from pathlib import Path

from hwsearch.meters import sysfs
from hwsearch.meters.protocol import DeviceState

SYS = Path("/sys")
CPUINFO = Path("/proc/cpuinfo")
SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal")
ZONE = re.compile("x86_pkg_temp|cpu.*thermal", re.IGNORECASE)


def cpu_state(root: Path = SYS, cpuinfo: Path = CPUINFO) -> DeviceState:
    """Mean clock of the cores in MHz and the hottest temperature; None for what is not told.

    Args:
        root: `/sys`; another folder in tests.
        cpuinfo: `/proc/cpuinfo`; another file in tests.
    """
    return DeviceState(temperature_c=_temperature(root), clock_mhz=_clock(root, cpuinfo))


def _clock(root: Path, cpuinfo: Path) -> float | None:
    files = root.glob("devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq")
    found = [int(text) / 1000 for text in map(sysfs.text, files) if text.isdigit()]
    if not found:
        lines = re.findall(r"^cpu MHz\s*:\s*([\d.]+)$", sysfs.text(cpuinfo), re.MULTILINE)
        found = [float(text) for text in lines]
    return statistics.fmean(found) if found else None


def _temperature(root: Path) -> float | None:
    files = [
        file
        for sensor in root.glob("class/hwmon/hwmon*")
        if sysfs.text(sensor / "name") in SENSORS
        for file in sensor.glob("temp*_input")
    ]
    files += [
        zone / "temp"
        for zone in root.glob("class/thermal/thermal_zone*")
        if ZONE.fullmatch(sysfs.text(zone / "type"))
    ]
    found = [int(text) / 1000 for text in map(sysfs.text, files) if text.lstrip("-").isdigit()]
    return max(found, default=None)
