"""The processor, and how much of it this process may use."""

from __future__ import annotations

import os
import platform

import pytest

from hwsearch.meters import processor
from hwsearch.meters.processor import available_cpus, cpu


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Writes files as the kernel does, on a machine with eight logical CPUs."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)), raising=False)

    def count(groups: str, files: dict[str, str]) -> int:
        (tmp_path / "cgroup").write_text(groups, encoding="utf-8")
        for name, text in files.items():
            path = tmp_path / "fs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        return available_cpus(tmp_path / "cgroup", tmp_path / "fs")

    return count


@pytest.mark.parametrize(
    ("groups", "files", "expected"),
    [
        ("", {}, 8),
        ("0::/\n", {"cpu.max": "max 100000"}, 8),
        ("0::/\n", {"cpu.max": "200000 100000"}, 2),
        ("0::/\n", {"cpu.max": "150000 100000"}, 2),
        ("0::/\n", {"cpu.max": "10000 100000"}, 1),
        ("0::/\n", {"cpu.max": "9900000 100000"}, 8),
        ("0::/pod/box\n", {"pod/cpu.max": "300000 100000", "pod/box/cpu.max": "max 100000"}, 3),
        ("0::/host/path/of/container\n", {"cpu.max": "400000 100000"}, 4),
        ("0::/../other\n", {"cpu.max": "400000 100000"}, 4),
        ("0::/\n", {"cpu.max": "a 0"}, 8),
        (
            "3:cpu,cpuacct:/box\n2:cpuset:/\n",
            {
                "cpu,cpuacct/box/cpu.cfs_quota_us": "50000",
                "cpu,cpuacct/box/cpu.cfs_period_us": "100000",
            },
            1,
        ),
        ("3:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 8),
        ("2:cpuset:/\n", {"cpuset/cpu.cfs_quota_us": "1", "cpuset/cpu.cfs_period_us": "1"}, 8),
    ],
)
def test_the_logical_cpus_that_a_process_may_use(machine, groups, files, expected):
    assert machine(groups, files) == expected


ARM = """processor\t: 0
CPU implementer\t: 0x41
CPU part\t: 0xd03

processor\t: 1
CPU implementer\t: 0x41
CPU part\t: 0xd08
"""


@pytest.mark.parametrize(
    ("text", "board", "name"),
    [
        ("model name\t: Intel(R) Xeon(R) CPU: 2\nmodel name\t: b\n", "", "Intel(R) Xeon(R) CPU: 2"),
        (ARM, "Raspberry Pi 4 Model B Rev 1.4\0", "Raspberry Pi 4 Model B Rev 1.4"),
        (ARM, "", "aarch64 0x41 0xd03 0xd08"),
        ("", "", "aarch64"),
    ],
)
def test_the_name_of_a_processor(text, board, name, monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(processor, "BOARD", tmp_path / "model")
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    (tmp_path / "cpuinfo").write_text(text)
    if board:
        (tmp_path / "model").write_text(board)
    assert cpu().name == name


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="not on this system")
def test_fewer_cpus_after_taskset():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert cpu().cpus == 1
    finally:
        os.sched_setaffinity(0, before)
