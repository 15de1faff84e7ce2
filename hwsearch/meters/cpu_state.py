"""A processor's clock and temperature from Linux' files, for profiles without a meter.

Source: the kernel's documentation, admin-guide/pm/cpufreq.rst (`scaling_cur_freq`, kHz),
hwmon/coretemp, hwmon/k10temp and driver-api/thermal/sysfs-api (thousandths of a degree Celsius).
Virtual machines report a nominal clock and no temperature.
"""

from __future__ import annotations

import re
import statistics
from pathlib import Path

from hwsearch.meters import sysfs
from hwsearch.meters.processor import CPUINFO
from hwsearch.meters.protocol import DeviceState

SYS = Path("/sys")
SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal")
ZONE = re.compile("x86_pkg_temp|cpu.*thermal", re.IGNORECASE)


def cpu_state(root: Path = SYS, cpuinfo: Path = CPUINFO) -> DeviceState:
    """Mean clock of the cores in MHz, and the highest temperature; None = not reported.

    Args:
        root: `/sys`; another folder in tests.
        cpuinfo: `/proc/cpuinfo`; another file in tests.
    """
    return DeviceState(temperature_c=_temperature(root), clock_mhz=_clock(root, cpuinfo))


def _clock(root: Path, cpuinfo: Path) -> float | None:
    files = root.glob("devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq")
    clocks = [int(text) / 1000 for text in map(sysfs.text, files) if text.isdigit()]
    if not clocks:
        lines = re.findall(r"^cpu MHz\s*:\s*([\d.]+)$", sysfs.text(cpuinfo), re.MULTILINE)
        clocks = [float(text) for text in lines]
    return statistics.fmean(clocks) if clocks else None


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
    texts = map(sysfs.text, files)
    return max((int(text) / 1000 for text in texts if text.lstrip("-").isdigit()), default=None)
