"""What every meter must do: the shipped suite over this package's own. A new meter needs a case."""

from __future__ import annotations

import pytest

from hwsearch.meters import REGISTRY
from hwsearch.meters.device import Device
from hwsearch.meters.jetson import JetsonMeter
from hwsearch.meters.nvidia_smi import NvidiaSmiMeter
from hwsearch.meters.nvml import NvmlMeter
from hwsearch.meters.rapl import RaplMeter
from hwsearch.meters.replay import ReplayMeter
from hwsearch.testing.meters import MeterConformance

GPU = {"name": "NVIDIA A100-SXM4-40GB", "uuid": "GPU-1", "milliwatts": 61000, "millijoules": 5000}


def nvml(request):
    return NvmlMeter(library=request.getfixturevalue("fake_nvml")(GPU))


def nvidia_smi(request):
    fields = {"power.draw": "61.00 W", "temperature.gpu": "30"}
    gpus = [{"uuid": "GPU-1", "name": "Tesla T4", "fields": fields}]
    request.getfixturevalue("player").play({"driver": "470.57.02", "gpus": gpus})
    return NvidiaSmiMeter()


def replay(request):
    file = request.getfixturevalue("tmp_path") / "r.csv"
    rows = [f"{n / 10},{60 + n},{n}" for n in range(600)]
    file.write_text("\n".join(["time_s,power_w,energy_j", *rows]))
    return ReplayMeter(path=file)


def rapl(request):
    zone = request.getfixturevalue("tmp_path") / "intel-rapl:0"
    zone.mkdir()
    for name, text in (
        ("name", "package-0"),
        ("energy_uj", "5000000"),
        ("max_energy_range_uj", "262143328850"),
    ):
        (zone / name).write_text(f"{text}\n")
    return RaplMeter(Device("cpu", "a CPU"), root=zone.parent)


def jetson(request):
    root = request.getfixturevalue("tmp_path")
    sensor = root / "bus/i2c/drivers/ina3221x/6-0040/iio:device0"
    sensor.mkdir(parents=True)
    for channel, label in enumerate(("POM_5V_IN", "POM_5V_GPU", "POM_5V_CPU")):
        (sensor / f"rail_name_{channel}").write_text(f"{label}\n")
        (sensor / f"in_power{channel}_input").write_text("3480\n")
    return JetsonMeter(root=root)


def no_program(request):
    request.getfixturevalue("monkeypatch").setenv("PATH", str(request.getfixturevalue("tmp_path")))
    return NvidiaSmiMeter()


CASES = {
    "nvml": nvml,
    "nvidia_smi": nvidia_smi,
    "jetson": jetson,
    "rapl": rapl,
    "replay": replay,
}
WITHOUT = {  # the same meters where they cannot work
    "nvml": lambda request: NvmlMeter(
        library=request.getfixturevalue("fake_nvml")(GPU, init_error=9)
    ),
    "nvidia_smi": no_program,
    "jetson": lambda request: JetsonMeter(root=request.getfixturevalue("tmp_path")),
    "rapl": lambda request: RaplMeter(root=request.getfixturevalue("tmp_path")),
    "replay": lambda request: ReplayMeter(path=request.getfixturevalue("tmp_path") / "none.csv"),
}


@pytest.fixture(autouse=True)
def all_gpus_visible(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


class TestMeters(MeterConformance):
    @pytest.fixture(params=CASES)
    def meter(self, request):
        return CASES[request.param](request)

    @pytest.fixture(params=WITHOUT)
    def absent(self, request):
        return WITHOUT[request.param](request)


def test_every_meter_of_the_registry_has_its_cases():
    assert set(CASES) == set(WITHOUT) == set(REGISTRY)


@pytest.mark.parametrize("name", CASES)
def test_the_registry_lists_a_meter_under_its_name(name, request):
    meter = CASES[name](request)
    module, _, cls = REGISTRY[meter.name].partition(":")
    assert (type(meter).__module__, type(meter).__name__) == (module, cls)
