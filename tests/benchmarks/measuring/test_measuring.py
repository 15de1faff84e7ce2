"""The measuring benchmarks' own arithmetic, and what they say on a machine that cannot run them."""

import importlib
import itertools
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch.device import Device
from hwsearch.profiler import Profile
from hwsearch.quantity import Quantity

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks" / "measuring"


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


def profiled(power, field=None, source="nvml: total energy (counter)"):
    """A profile as the profiler gives it, of 100 images a second."""

    def quantity(mean, unit, where=source):
        return Quantity(mean, 0.1, 0.2, 8, unit, where)

    result = Profile(Device("gpu", "NVIDIA X", "GPU-1"), seconds=8.5)
    result.quantities = {
        "power": quantity(power, "W"),
        "energy": quantity(power / 100, "J/image"),
        "memory": quantity(0.25, "GiB"),
    }
    if field:
        result.other_powers = {"power.instant": quantity(field, "W", "nvml: power.instant")}
    return json.loads(json.dumps(result.to_json()))


def line(step, meter, profile):
    return {"step": step, "meter": meter, "macs": 2_500_000, "profile": profile}


def test_agreement_of_meters(module):
    gpu = module("gpu_agreement")
    smi = "nvidia_smi: power.draw.instant (integrated)"
    lines = [
        line(0, "nvml", profiled(100, 102)),
        line(0, "nvidia_smi", profiled(103, source=smi)),
        line(0, "nvml", profiled(100, 104)),
        line(0, "nvidia_smi", profiled(109, source=smi)),
    ]
    found = gpu.series(lines, 0)
    assert found["counter"] == [100, 100]
    assert found["field"] == [102, 104]
    assert found["smi"] == [103, 109]
    assert found["smi energy"] == [1.03, 1.09]
    text, worst = gpu.table(lines)
    assert worst == pytest.approx(6)
    row = text.splitlines()[1].split()
    assert row == [
        *("0", "2.5", "0.250", "100.0", "0.0%", "+3.0%", "1.4%", "+6.0%", "4.0%"),
        *("1000.0000", "+6.0%", "8.5"),
    ]


def test_a_card_without_a_counter(module):
    gpu = module("gpu_agreement")
    lines = [line(3, "nvml", profiled(50, source="nvml: power (integrated)"))]
    assert gpu.series(lines, 3)["field"] == [50]
    text, worst = gpu.table(lines)
    assert worst == 0
    assert "nan" in text


def test_without_a_gpu_one_line_and_status_2(tmp_path):
    """Where there is one, it is hidden from the process."""
    done = subprocess.run(
        [sys.executable, FOLDER / "gpu_agreement.py", "--out", tmp_path / "results"],
        env={"PATH": "/nowhere", "CUDA_VISIBLE_DEVICES": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("gpu_agreement: no GPU to measure: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "results").exists()


def test_variation_by_hand(module):
    latency = module("cpu_latency")
    assert latency.variation([9.0, 10.0, 11.0]) == pytest.approx(10)
    lines = [
        {"size": size, "macs": 5, "runtime_s": r, "error": 0.01, "median_s": m, "seconds": 3.0}
        for size in latency.DIGITS_SIZES
        for r, m in ((9e-6, 1.0), (10e-6, 1.0), (11e-6, 1.0))
    ]
    lines[0]["runtime_s"] = 8e-6
    text, worst = latency.table(lines)
    assert worst == pytest.approx(100 * math.sqrt((25 + 1 + 16) / 9 / 2) / (29 / 3))
    assert text.splitlines()[2].split() == ["small", "5", "10.00", "10.0%", "1.0%", "0.0%", "3.0"]


def test_the_networks_grow(module):
    networks = module("networks")
    count = importlib.import_module("hwsearch.counting").count
    sizes = [count(networks.digits(size)) for size in networks.DIGITS_SIZES]
    assert all(a.macs < b.macs and a.params < b.params for a, b in itertools.pairwise(sizes))
    steps = [count(networks.cifar10(step)) for step in range(10)]
    assert all(a.macs < b.macs and a.params < b.params for a, b in itertools.pairwise(steps))
    assert all(one.exact for one in sizes + steps)
