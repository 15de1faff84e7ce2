"""What every meter must do. A new meter: a case in `CASES` that makes one which works here."""

from __future__ import annotations

import math
import threading
import time

import pytest

from hwsearch.measuring.peak_memory import MemoryMeter
from hwsearch.meters import REGISTRY
from hwsearch.meters.device import Device
from hwsearch.meters.jetson import JetsonMeter
from hwsearch.meters.nvidia_smi import NvidiaSmiMeter
from hwsearch.meters.nvml import NvmlMeter
from hwsearch.meters.protocol import UNITS, Meter, MeterError, MeterUnavailableError
from hwsearch.meters.rapl import RaplMeter
from hwsearch.meters.replay import ReplayMeter

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


def memory(_):
    return MemoryMeter(Device("cpu", "a CPU"))


def no_program(request):
    request.getfixturevalue("monkeypatch").setenv("PATH", str(request.getfixturevalue("tmp_path")))
    return NvidiaSmiMeter()


CASES = {
    "nvml": nvml,
    "nvidia_smi": nvidia_smi,
    "jetson": jetson,
    "rapl": rapl,
    "memory": memory,
    "replay": replay,
}
WITHOUT = {  # the same meters where they cannot work
    "nvml": lambda request: NvmlMeter(
        library=request.getfixturevalue("fake_nvml")(GPU, init_error=9)
    ),
    "nvidia_smi": no_program,
    "jetson": lambda request: JetsonMeter(root=request.getfixturevalue("tmp_path")),
    "rapl": lambda request: RaplMeter(root=request.getfixturevalue("tmp_path")),
    "memory": lambda _: MemoryMeter(Device("gpu", "a GPU", "GPU-1")),
    "replay": lambda request: ReplayMeter(path=request.getfixturevalue("tmp_path") / "none.csv"),
}


@pytest.fixture(autouse=True)
def all_gpus_visible(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.fixture(params=CASES)
def meter(request):
    made = CASES[request.param](request)
    yield made
    made.stop()


@pytest.fixture(params=WITHOUT)
def absent(request):
    return WITHOUT[request.param](request)


def test_every_meter_of_the_registry_has_its_case():
    assert set(CASES) == set(REGISTRY)
    assert set(WITHOUT) == set(REGISTRY)


def test_its_name_is_the_registrys(meter):
    assert isinstance(meter, Meter)
    module, _, cls = REGISTRY[meter.name].partition(":")
    assert (type(meter).__module__, type(meter).__name__) == (module, cls)


def test_availability_is_found_and_leaves_nothing_started(meter):
    assert meter.available().ok
    quantity = meter.channels()[0].quantity
    with pytest.raises(MeterError):
        meter.read(quantity)


def test_channels_are_named_and_have_units(meter):
    channels = meter.channels()
    assert channels
    assert len({channel.quantity for channel in channels}) == len(channels)
    for channel in channels:
        assert channel.unit == UNITS[channel.quantity]
        assert channel.field
        assert channel.update_s is None or channel.update_s >= 0
        assert min(channel.averaging_s, channel.resolution, channel.settle_s) >= 0
        assert channel.to_json()["unit"] == channel.unit


def test_readings_are_finite_timed_by_its_clock_and_in_order(meter):
    with meter:
        for channel in meter.channels():
            before = meter.clock.now() - 1.0  # a reading is of the moment of the look
            first, second = meter.read(channel.quantity), meter.read(channel.quantity)
            assert before <= first.time_s <= second.time_s <= meter.clock.now()
            for reading in (first, second):
                assert math.isfinite(reading.value)
                assert reading.value >= 0
            if channel.quantity != "power":
                assert second.value >= first.value


def test_unknown_quantities_are_an_error(meter):
    with meter, pytest.raises(MeterError):
        meter.read("happiness")


def test_it_can_be_stopped_twice_and_started_again(meter):
    meter.stop()
    quantity = meter.channels()[0].quantity
    for _ in range(2):
        meter.start()
        meter.read(quantity)
        meter.stop()
        meter.stop()
        with pytest.raises(MeterError):
            meter.read(quantity)


def test_several_threads_may_read(meter):
    errors = []

    def work(quantity):
        try:
            for _ in range(5):
                meter.read(quantity)
        except Exception as error:
            errors.append(error)

    with meter:
        threads = [
            threading.Thread(target=work, args=(channel.quantity,))
            for channel in meter.channels()
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []


def test_no_thread_is_left_behind(meter):
    before = set(threading.enumerate())
    with meter:
        meter.read(meter.channels()[0].quantity)
    deadline = time.monotonic() + 5
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not set(threading.enumerate()) - before


def test_state_and_remarks_are_there_started_or_not(meter):
    meter.state().to_json()
    with meter:
        meter.state().to_json()
        assert meter.remarks() == []
        assert meter.describe_device()


def test_where_it_cannot_work_it_says_why_and_what_helps(absent):
    availability = absent.available()
    assert not availability.ok
    assert availability.reason
    assert "\n" not in availability.reason + availability.remedy
    assert list(absent.channels()) == []
    with pytest.raises(MeterUnavailableError) as caught:
        absent.start()
    assert str(caught.value).startswith(f"meter {absent.name}: ")
    absent.stop()
    absent.state()
