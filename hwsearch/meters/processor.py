"""This machine's processor, and how many of its logical CPUs this process may use.

The costs of a network depend on both. Two machines with the same processor can differ in the second
one, and so can two containers on one machine.

Sources: sched_setaffinity(2); the kernel's documentation, admin-guide/cgroup-v2.rst (`cpu.max`)
and scheduler/sched-bwc.rst (`cpu.cfs_quota_us`, `cpu.cfs_period_us`).
"""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from hwsearch.meters import sysfs
from hwsearch.meters.device import Device

CPUINFO = Path("/proc/cpuinfo")
#: The board's name on ARM; and what identifies the kind of a core there.
BOARD, _CORE = Path("/proc/device-tree/model"), ("CPU implementer", "CPU part")
#: The control groups of this process, and where their files are.
GROUPS, GROUP_FILES = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def cpu() -> Device:
    """The processor of this machine, with the logical CPUs of this process."""
    return Device("cpu", _name(), cpus=available_cpus())


def _name() -> str:
    """The model of the processor; on ARM, which does not tell it, of the board or its cores."""
    pairs = [line.partition(":")[::2] for line in sysfs.text(CPUINFO).splitlines()]
    values = [(key.strip(), value.strip()) for key, value in pairs]
    model = dict(reversed(values)).get("model name") or sysfs.text(BOARD).strip("\0 \n")
    if model:
        return model
    # Cores of several kinds are in one processor.
    cores = dict.fromkeys(value for key, value in values if key in _CORE)
    return " ".join([platform.processor() or platform.machine() or "CPU", *cores])


def available_cpus(groups: Path = GROUPS, files: Path = GROUP_FILES) -> int:
    """The number of logical CPUs that this process may use at the same time, at least 1.

    Args:
        groups: `/proc/self/cgroup`; another file in tests.
        files: `/sys/fs/cgroup`; another folder in tests.
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return min([count, *(math.ceil(limit) for limit in _limits(groups, files))])


def _limits(groups: Path, files: Path) -> Iterator[float]:
    """The limits of the control groups that contain this process, in CPUs."""
    for line in sysfs.text(groups).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if not controllers:
            for folder in _folders(files, group):
                yield from _limit(sysfs.text(folder / "cpu.max").split())
        elif "cpu" in controllers.split(","):
            for folder in _folders(files / controllers, group):
                names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
                yield from _limit([sysfs.text(folder / name) for name in names])


def _folders(top: Path, group: str) -> Iterator[Path]:
    """The folders of a group and of those around it.

    In a container, often only the outermost one exists: it is then the container's own.
    """
    names = [name for name in group.split("/") if name not in ("", "..")]
    for count in range(len(names), -1, -1):
        yield top.joinpath(*names[:count])


def _limit(texts: list[str]) -> Iterator[float]:
    """Microseconds per period as CPUs; nothing if there is no limit (`max`, or -1)."""
    if len(texts) == 2 and all(text.isdecimal() and int(text) > 0 for text in texts):
        yield int(texts[0]) / int(texts[1])
