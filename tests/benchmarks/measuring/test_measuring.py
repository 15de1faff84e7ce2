"""Arithmetic of the measuring benchmarks, and their message on a machine that cannot run them."""

from __future__ import annotations

import importlib
import itertools
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hwsearch.measurements import Quantity
from hwsearch.measuring.profile import Profile
from hwsearch.meters.device import Device
from tests.hwsearch.meters.stand_ins import FakeNvml, Player

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks" / "measuring"


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


def profiled(power, field=None, source="nvml: total energy (counter)"):
    """A profile as the profiler returns it, of 100 images per second."""

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
    return json.loads(json.dumps(result.record().to_json()))


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
    """If there is one, it is hidden from the process."""
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


UUID = "GPU-5f3a0b0e-2b1c-4d5e-8f60-0123456789ab"


@pytest.fixture
def card(monkeypatch, tmp_path):
    """A simulated GPU: 100 W by its counter, 300 W by its power field, 900 W by nvidia-smi.

    So far apart that no delay on a busy machine mixes them up. The network runs on the CPU.
    """

    class Counting(dict):
        def __getitem__(self, name):
            if name == "millijoules":
                return round(1e5 * time.monotonic())
            return super().__getitem__(name)

    gpu = {"name": "NVIDIA A100-SXM4-40GB", "uuid": UUID, "millijoules": 1, "pids": [os.getpid()]}
    library = FakeNvml(Counting(gpu | {"instant_milliwatts": 300000, "temperature": 40}))
    monkeypatch.setitem(sys.modules, "pynvml", library)
    player = Player(tmp_path, monkeypatch)
    fields = {"power.draw": "900.00 W", "power.draw.instant": "900.00 W"}
    gpus = [{"uuid": UUID, "name": gpu["name"], "fields": fields}]
    player.play({"driver": "550.54.15", "gpus": gpus})
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("hwsearch.measuring.inference_load.on_gpu", lambda: True)
    monkeypatch.setattr("hwsearch.measuring.profile_settings.LIMIT_S", 1.5)
    return player


@pytest.mark.slow
def test_the_whole_script_on_a_simulated_gpu(module, card, tmp_path, capsys):
    gpu = module("gpu_agreement")
    out = tmp_path / "results é"
    flags = ["--repeats", "1", "--sizes", "2", "--batch", "2", "--out", str(out)]
    assert gpu.main(flags) == 0
    said = capsys.readouterr()
    (file,) = out.iterdir()
    assert file.name.startswith(f"gpu-NVIDIA-A100-SXM4-40GB-{UUID}-driver-550.54.15-tensorflow-")
    figures = json.loads(file.read_text())
    assert len(figures["profiles"]) == 4
    assert figures["machine"]["driver"] == "550.54.15"
    lines = said.out.splitlines()
    assert lines[0].startswith(f"NVIDIA A100-SXM4-40GB ({UUID}), driver 550.54.15, tensorflow ")
    rows = [line.split() for line in lines[2:4]]
    assert [row[0] for row in rows] == ["0", "9"]
    for row in rows:
        assert float(row[3]) == pytest.approx(100, rel=0.4)
        assert float(row[5].rstrip("%")) == pytest.approx(200, abs=150)
        assert float(row[7].rstrip("%")) == pytest.approx(800, abs=450)
    assert lines[-1].startswith("largest difference: ")
    assert "size 9: 4 profiles so far" in said.err


@pytest.mark.slow
def test_a_failing_meter_is_one_line_and_earlier_results_are_kept(
    module, card, tmp_path, capsys, monkeypatch
):
    gpu = module("gpu_agreement")
    real, seen = gpu.measure, []

    def measure(step, batch, repeats):
        seen.append(step)
        if len(seen) == 2:
            scenario = json.loads(card.file.read_text())
            card.play(scenario, after=[1, "die"])
        return real(step, batch, repeats)

    monkeypatch.setattr(gpu, "measure", measure)
    out = tmp_path / "results"
    assert gpu.main(["--repeats", "1", "--sizes", "2", "--batch", "2", "--out", str(out)]) == 2
    said = capsys.readouterr()
    last = said.err.splitlines()[-1]
    assert last.startswith("gpu_agreement: size 9, repeat 0: meter nvidia_smi: nvidia-smi ended")
    (file,) = out.iterdir()
    assert len(json.loads(file.read_text())["profiles"]) == 2


@pytest.mark.parametrize("flag", ["--repeats", "--sizes", "--batch"])
def test_flags_out_of_range(module, capsys, flag):
    with pytest.raises(SystemExit) as caught:
        module("gpu_agreement").main([flag, "0"])
    assert caught.value.code == 2
    assert f"{flag}: got 0; expected at least 1" in capsys.readouterr().err


def test_a_backend_on_the_cpu_is_one_line(module, card, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("hwsearch.measuring.inference_load.on_gpu", lambda: False)
    assert module("gpu_agreement").main(["--batch", "1", "--out", str(tmp_path / "x")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("gpu_agreement: Keras' tensorflow backend runs on the CPU here; install")
    assert said.count("\n") == 1


def test_the_variation_of_known_values(module):
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
    assert all(not one.uncounted for one in sizes + steps)
