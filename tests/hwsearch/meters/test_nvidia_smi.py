"""With a stand-in for nvidia-smi on PATH (stand_ins.py)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.profiler import Instruments, profile
from hwsearch.meters import nvidia_smi
from hwsearch.meters.device import Device
from hwsearch.meters.nvidia_smi import NvidiaSmiMeter, devices
from hwsearch.meters.protocol import MeterReadError, MeterUnavailableError

FAKE = Path(__file__).parent / "fake_nvidia_smi"
ROOT = Path(__file__).parents[3]
UUID = "GPU-5f3a0b0e-2b1c-4d5e-8f60-0123456789ab"
OTHER = "GPU-77777777-aaaa-bbbb-cccc-dddddddddddd"
V390 = {"driver": "390.48", "gpus": [{"uuid": UUID, "name": "GeForce GTX 1080", "fields": {}}]}
V390["gpus"][0]["fields"] = {
    "power.draw": "57.16 W",
    "temperature.gpu": "41",
    "clocks.sm": "1607 MHz",
    "clocks.mem": "[Not Supported]",
    "enforced.power.limit": "180.00 W",
}
V470 = {
    "driver": "470.57.02",
    "gpus": [
        {
            "uuid": UUID,
            "name": "NVIDIA GeForce RTX 3090",
            "fields": {"power.draw": "108.20 W", "mig.mode.current": "[N/A]"},
        }
    ],
}
V550 = {
    "driver": "550.54.15",
    "gpus": [
        {
            "uuid": UUID,
            "name": "NVIDIA A100-SXM4-40GB",
            "fields": {
                "power.draw": "61.00 W",
                "power.draw.instant": "64.50 W",
                "mig.mode.current": "Disabled",
                "temperature.gpu": "34",
                "clocks.sm": "1410 MHz",
                "clocks.mem": "1215 MHz",
                "enforced.power.limit": "400.00 W",
                "clocks_event_reasons.sw_power_cap": "Active",
                "clocks_event_reasons.hw_slowdown": "Not Active",
                "clocks_event_reasons.hw_thermal_slowdown": "Not Active",
                "clocks_event_reasons.hw_power_brake_slowdown": "Not Active",
                "clocks_event_reasons.sw_thermal_slowdown": "Not Active",
            },
        }
    ],
}


def test_driver_390_has_only_the_plain_field(player):
    player.play(V390)
    with NvidiaSmiMeter() as meter:
        assert meter.read("power").value == 57.16
        (channel,) = meter.channels()
        assert (channel.field, channel.averaging_s) == ("power.draw", 0.1)
        state = meter.state()
        assert (state.temperature_c, state.clock_mhz, state.power_limit_w) == (41, 1607, 180)
        assert (state.memory_clock_mhz, state.throttle) == (None, None)
        assert meter.describe_device() == f"GeForce GTX 1080 ({UUID}), driver 390.48"


@pytest.mark.parametrize(
    ("apps", "others"),
    [
        (["[Not Supported]"], None),
        ([f"{UUID}, [N/A]"], None),
        ([], None),  # without this process: a container, whose process ids differ from the driver's
        ([f"{UUID}, 4711"], None),
        ([f"{UUID}, {os.getpid()}"], ()),
        ([f"{UUID}, {os.getpid()}", f"{UUID}, 4711"], (4711,)),
        ([f"{UUID}, {os.getpid()}", f"{OTHER}, 4711"], ()),
        ([f"{UUID}, 12", f"{UUID}, 11"], (11, 12)),
    ],
)
def test_other_processes_on_the_gpu(player, apps, others):
    player.play(V390, apps=apps)
    meter = NvidiaSmiMeter()
    assert meter.state().foreign_processes == others
    assert meter.state().temperature_c == 41  # started or not


def test_the_plain_field_of_an_ampere_geforce_is_a_one_second_mean(player):
    player.play(V470)
    assert NvidiaSmiMeter().channel("power").averaging_s == 1.0


def test_driver_550_gives_the_instantaneous_field(player):
    player.play(V550)
    with NvidiaSmiMeter() as meter:
        assert meter.read("power").value == 64.5
        assert meter.channel("power").field == "power.draw.instant"
        state = meter.state()
        assert (state.temperature_c, state.clock_mhz, state.power_limit_w) == (34, 1410, 400)
        assert state.throttle == ("power cap",)


def test_an_old_driver_without_the_query_is_read_by_its_text(player):
    scenario = {"driver": "390.48", "text": "390_power.txt", "gpus": [dict(V390["gpus"][0])]}
    scenario["gpus"][0]["fields"] = {}
    player.play(scenario)
    with NvidiaSmiMeter() as meter:
        first = meter.read("power")
        assert first.value == 57.16
        assert meter.read("power").time_s > first.time_s
        assert meter.channel("power").field == "-q -d POWER"


def test_readings_come_in_order_and_each_once(player):
    player.power(V390, [f"{100 + n}.00 W" for n in range(1000)])
    with NvidiaSmiMeter() as meter:
        readings = [meter.read("power") for _ in range(6)]
    for series in ([r.value for r in readings], [r.time_s for r in readings]):
        assert series == sorted(set(series))
    assert readings[0].value >= 100


def test_a_reading_has_the_time_at_which_nvidia_smi_looked_not_of_its_arrival(player):
    player.play(V390, late_s=0.7)
    with NvidiaSmiMeter() as meter:
        reading = meter.read("power")
        age = meter.clock.now() - reading.time_s
    assert age >= 0.69


@pytest.mark.parametrize("word", ["[Not Supported]", "[N/A]", "ERR!", "[Unknown Error]", "0.00 W"])
def test_a_gpu_without_a_reading_is_not_available_and_never_0_watts(player, word):
    player.power(V390, word, text="390_not_supported.txt")
    availability = NvidiaSmiMeter().available()
    assert not availability.ok
    assert word in availability.reason
    assert NvidiaSmiMeter().channels() == []
    with pytest.raises(MeterUnavailableError, match="reports no power"):
        NvidiaSmiMeter().start()


@pytest.mark.parametrize(
    ("says", "remedy"),
    [
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", "load"),
        ("Failed to initialize NVML: Driver/library version mismatch", "restart"),
        ("No devices were found", "a GPU"),
        ("Segmentation fault", ""),
    ],
)
def test_faults_of_the_driver_are_reported_with_a_remedy(player, says, remedy):
    player.play({"says": says})
    availability = NvidiaSmiMeter().available()
    assert not availability.ok
    assert says in availability.reason
    assert remedy in availability.remedy


def test_no_nvidia_smi_at_all(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not on PATH" in NvidiaSmiMeter().available().reason
    assert devices() == []


def read_until_error(meter):
    for _ in range(200):
        meter.read("power")


def test_a_process_that_dies_is_an_error_with_its_last_line(player):
    player.play(V390, after=[3, "die"])
    with NvidiaSmiMeter() as meter, pytest.raises(MeterReadError, match=r"status 15.*57\.16"):
        read_until_error(meter)


def test_a_process_that_is_killed_is_an_error(player):
    player.play(V390)
    with NvidiaSmiMeter() as meter:
        meter.read("power")
        os.kill(int(player.running()[-1]), signal.SIGKILL)
        with pytest.raises(MeterReadError, match="ended unexpectedly"):
            read_until_error(meter)


def test_a_process_that_hangs_is_an_error_after_a_while(player):
    player.play(V390, after=[3, "hang"])
    with (
        NvidiaSmiMeter(silence_s=0.3) as meter,
        pytest.raises(MeterReadError, match="no row from nvidia-smi for"),
    ):
        read_until_error(meter)


@pytest.mark.parametrize("word", ["[N/A]", "ERR!", "[GPU requires reset]"])
def test_a_gpu_that_stops_giving_numbers_is_an_error(player, word):
    player.play(V390, after=[3, word])
    with NvidiaSmiMeter() as meter, pytest.raises(MeterReadError) as caught:
        read_until_error(meter)
    assert word in str(caught.value)


def test_a_single_bad_row_is_ignored_with_a_remark(player):
    player.power(V390, ["50.00 W", "ERR!", "52.00 W"])
    with NvidiaSmiMeter() as meter:
        values = [meter.read("power").value for _ in range(3)]
        remarks = meter.remarks()
    assert set(values) <= {50.0, 52.0}
    assert remarks == ["ignored 1 row of nvidia-smi without a power value"]


def test_bad_rows_between_good_ones_are_not_an_error(player):
    player.power(V390, ["ERR!" if n % 2 else f"{50 + n}.00 W" for n in range(1000)])
    with NvidiaSmiMeter() as meter:
        for _ in range(8):
            meter.read("power")


def test_an_nvidia_smi_that_never_answers_makes_it_unavailable(player, monkeypatch):
    monkeypatch.setattr(nvidia_smi, "ANSWER_S", 0.2)
    player.executable("exec sleep 30")
    assert "no answer from nvidia-smi for" in NvidiaSmiMeter().available().reason


def test_nothing_is_left_behind_after_an_exception(player):
    player.play(V390)

    def interrupted():
        with NvidiaSmiMeter() as meter:
            meter.read("power")
            assert player.running()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert not player.running()


def test_nothing_is_left_behind_when_this_process_is_killed(player):
    player.play(V390, after=[2, "hang"])  # a process that writes nothing is not ended by SIGPIPE
    code = (
        "import time\n"
        "from hwsearch.meters.nvidia_smi import NvidiaSmiMeter\n"
        "meter = NvidiaSmiMeter(); meter.start(); meter.read('power')\n"
        "print('started', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "started\n"
        assert player.running()
        process.kill()
        process.wait()
    deadline = time.monotonic() + 60
    while player.running() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not player.running()


def test_the_gpu_of_the_job_is_read(player, monkeypatch):
    two = json.loads(json.dumps(V390))
    two["gpus"].append({"uuid": OTHER, "name": "GeForce GTX 1080", "fields": {"power.draw": "9 W"}})
    player.play(two)
    assert [gpu.uuid for gpu in devices()] == [UUID, OTHER]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    with NvidiaSmiMeter() as meter:
        assert meter.read("power").value == 9
    with NvidiaSmiMeter(Device("gpu", "", UUID)) as meter:
        assert meter.read("power").value == 57.16
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert "no GPU is visible" in NvidiaSmiMeter().available().reason


def test_slices_and_gpus_in_mig_mode_are_refused(player):
    cut = json.loads(json.dumps(V550))
    cut["gpus"][0]["fields"]["mig.mode.current"] = "Enabled"
    player.play(cut)
    assert "MIG mode" in NvidiaSmiMeter().available().reason
    slice_of_it = Device("gpu", "MIG slice", "MIG-1234")
    assert "MIG slice" in NvidiaSmiMeter(slice_of_it).available().reason


class Sleeping:
    images_per_run = 4

    def run(self):
        time.sleep(0.01)


def test_a_whole_profile_in_real_time(player):
    player.power(V390, [f"{100 + n % 3}.00 W" for n in range(2000)], after=[2000, "die"])
    meter = NvidiaSmiMeter()
    result = profile(
        Sleeping(),
        {"power", "energy"},
        ProfileSettings(load_s=1.5, time_limit_s=5.0),
        Instruments(Device("gpu", "GeForce GTX 1080", UUID), meter),
    )
    power, energy = result.quantities["power"], result.quantities["energy"]
    assert power.value == pytest.approx(101, abs=1)
    # 4 images take 10 ms, or longer on a busy machine
    assert energy.value >= power.value * 0.0025 * 0.99
    assert "nvidia_smi: power.draw (integrated)" in power.source
    assert result.meter_device == f"GeForce GTX 1080 ({UUID}), driver 390.48"
    assert result.state_after.temperature_c == 41
