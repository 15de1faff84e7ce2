"""With a stand-in for pynvml (stand_ins.py), whose names are checked against pynvml itself."""

from __future__ import annotations

import os

import pynvml
import pytest

from hwsearch.meters import nvml
from hwsearch.meters.device import Device
from hwsearch.meters.nvml import NvmlMeter
from hwsearch.meters.protocol import MeterReadError, MeterUnavailableError
from hwsearch.testing.virtual_clock import VirtualClock

A100 = {
    "name": "NVIDIA A100-SXM4-40GB",
    "uuid": "GPU-aaaa",
    "mig": 0,
    "milliwatts": 61000,
    "instant_milliwatts": 64500,
    "millijoules": 123456789,
    "temperature": 34,
    "sm_clock": 1410,
    "memory_clock": 1215,
    "limit_milliwatts": 400000,
    "reasons": 0x4 | 0x1,
    "pids": [],
}
GTX = {"name": "NVIDIA GeForce GTX 1080", "uuid": b"GPU-bbbb", "milliwatts": 57160}


@pytest.fixture(autouse=True)
def all_gpus_visible(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def without(gpu, *names, **more):
    return {key: value for key, value in gpu.items() if key not in names} | more


def test_every_name_is_pynvmls(fake_nvml):
    for name in vars(fake_nvml):
        if name.startswith(("nvml", "NVML")):
            assert hasattr(pynvml, name), name
    for name in ("NVML_SUCCESS", "NVML_CLOCK_SM", "NVML_CLOCK_MEM", "NVML_FI_DEV_POWER_INSTANT"):
        assert getattr(fake_nvml, name) == getattr(pynvml, name)
    field = pynvml.c_nvmlFieldValue_t()
    assert field.nvmlReturn == 0
    assert field.value.uiVal == 0
    assert pynvml.NVMLError(3).value == 3


def test_throttle_bits_are_nvmls():
    assert nvml.THROTTLE[pynvml.nvmlClocksEventReasonSwPowerCap] == "power cap"
    assert nvml.THROTTLE[pynvml.nvmlClocksEventReasonHwSlowdown] == "hardware slowdown"
    assert (
        nvml.THROTTLE[pynvml.nvmlClocksEventReasonHwThermalSlowdown] == "hardware thermal slowdown"
    )
    assert nvml.THROTTLE[pynvml.nvmlClocksEventReasonHwPowerBrakeSlowdown] == "power brake"
    assert pynvml.nvmlClocksEventReasonGpuIdle not in nvml.THROTTLE


def test_a_new_gpu_gives_instantaneous_power_and_the_counter(fake_nvml):
    with NvmlMeter(library=fake_nvml(A100)) as meter:
        assert meter.read("power").value == 64.5
        assert meter.read("energy").value == 123456.789
        fields = [channel.field for channel in meter.channels()]
        assert fields == ["NVML_FI_DEV_POWER_INSTANT", "nvmlDeviceGetTotalEnergyConsumption"]
        assert meter.describe_device() == "NVIDIA A100-SXM4-40GB (GPU-aaaa), driver 550.54.15"


def test_an_old_gpu_gives_plain_power_alone(fake_nvml):
    with NvmlMeter(library=fake_nvml(GTX)) as meter:
        assert meter.read("power").value == 57.16
        assert [channel.field for channel in meter.channels()] == ["nvmlDeviceGetPowerUsage"]
        with pytest.raises(MeterReadError):
            meter.read("energy")


def test_the_state_of_the_device(fake_nvml):
    with NvmlMeter(library=fake_nvml(A100 | {"pids": [os.getpid(), 4711]})) as meter:
        state = meter.state()
    assert (state.temperature_c, state.clock_mhz, state.memory_clock_mhz) == (34, 1410, 1215)
    assert (state.power_limit_w, state.throttle) == (400, ("power cap",))
    assert state.foreign_processes == (4711,)


def test_the_state_needs_no_start(fake_nvml):
    library = fake_nvml(A100)
    assert NvmlMeter(library=library).state().temperature_c == 34
    assert library.open == 0
    assert NvmlMeter(library=fake_nvml(A100, init_error=9)).state().temperature_c is None


def test_what_a_driver_does_not_report_is_none(fake_nvml):
    with NvmlMeter(library=fake_nvml(GTX)) as meter:
        state = meter.state()
    assert (state.temperature_c, state.throttle, state.foreign_processes) == (None, None, None)


def test_an_older_drivers_name_for_throttling(fake_nvml):
    gpu = without(A100, "reasons", old_reasons=0x40)
    with NvmlMeter(library=fake_nvml(gpu)) as meter:
        assert meter.state().throttle == ("hardware thermal slowdown",)


def test_a_single_process_of_unknown_id_may_be_this_one(fake_nvml):
    with NvmlMeter(library=fake_nvml(A100 | {"pids": [4711]})) as meter:
        assert meter.state().foreign_processes is None


def test_the_time_of_a_reading_is_the_middle_of_the_call(fake_nvml):
    clock = VirtualClock()

    class Slow(dict):
        def __getitem__(self, name):
            if name == "instant_milliwatts":
                clock.sleep(0.2)
            return super().__getitem__(name)

    with NvmlMeter(clock=clock, library=fake_nvml(Slow(A100))) as meter:
        before = clock.now()
        assert meter.read("power").time_s == pytest.approx(before + 0.1)


def test_zero_is_not_a_reading(fake_nvml):
    gpu = without(A100, instant_milliwatts=0, milliwatts=0, millijoules=0)
    availability = NvmlMeter(library=fake_nvml(gpu)).available()
    assert not availability.ok
    assert "neither power nor energy" in availability.reason


def test_a_gpu_that_is_lost_meanwhile_is_an_error_with_a_remedy(fake_nvml):
    gpu = dict(A100)
    with NvmlMeter(library=fake_nvml(gpu)) as meter:
        meter.read("power")
        gpu["error"] = 15
        for quantity in ("power", "energy"):
            with pytest.raises(MeterReadError, match=r"GPU is lost \(NVML code 15\).*restart"):
                meter.read(quantity)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(9, "driver"), (12, "libnvidia-ml"), (18, "restart the machine"), (999, "")],
)
def test_a_library_that_does_not_open(fake_nvml, code, remedy):
    library = fake_nvml(A100, init_error=code)
    availability = NvmlMeter(library=library).available()
    assert not availability.ok
    assert f"code {code}" in availability.reason
    assert remedy in availability.remedy
    assert nvml.devices(library) == []


def test_the_library_is_closed_whatever_happens(fake_nvml):
    library = fake_nvml(A100 | {"mig": 1})
    with pytest.raises(MeterUnavailableError, match="MIG mode"):
        NvmlMeter(library=library).start()
    assert library.open == 0
    library = fake_nvml(A100)
    meter = NvmlMeter(library=library)
    assert meter.available().ok
    assert library.open == 0
    meter.start()
    meter.stop()
    meter.stop()
    assert library.open == 0


def test_the_gpu_of_the_job_is_found_by_its_uuid(fake_nvml, monkeypatch):
    library = fake_nvml(A100, A100 | {"uuid": "GPU-cccc", "instant_milliwatts": 9000})
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    with NvmlMeter(library=library) as meter:
        assert meter.read("power").value == 9
    with NvmlMeter(Device("gpu", "", "GPU-aaaa"), library=library) as meter:
        assert meter.read("power").value == 64.5
    assert (
        "lists no GPU" in NvmlMeter(Device("gpu", "", "GPU-x"), library=library).available().reason
    )


@pytest.mark.parametrize(
    ("device", "says"),
    [
        (Device("gpu", "slice", "MIG-1"), "MIG slice, which has no power"),
        (Device("cpu", "EPYC"), "runs on the CPU"),
    ],
)
def test_devices_without_a_gpus_power(fake_nvml, device, says):
    availability = NvmlMeter(device, library=fake_nvml(A100)).available()
    assert not availability.ok
    assert says in availability.reason
    assert availability.remedy


def test_gpus_in_nvmls_order(fake_nvml):
    library = fake_nvml(A100, GTX)
    assert nvml.devices(library) == [
        Device("gpu", "NVIDIA A100-SXM4-40GB", "GPU-aaaa", 0),
        Device("gpu", "NVIDIA GeForce GTX 1080", "GPU-bbbb", 1),
    ]
    assert library.open == 0
