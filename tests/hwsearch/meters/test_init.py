"""Which meter is chosen, and what the error says if none works."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError
from hwsearch.meters import REGISTRY, choose, create, measurable, observer
from hwsearch.meters.cpu_state import cpu_state
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import DeviceState, MeterError, MeterUnavailableError

CPU = Device("cpu", "a CPU")
GPU = Device("gpu", "NVIDIA A100", "GPU-1")


@pytest.fixture(autouse=True)
def nothing_here(no_meters):
    """The machine has no power meters, whatever this one has."""


@pytest.fixture
def recording(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("time_s,power_w\n0,60\n1,61\n")
    return file


@pytest.fixture
def one_gpu(monkeypatch, fake_nvml, no_meters):
    """NVML with one GPU."""
    no_meters.undo()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    library = fake_nvml(
        {"name": "NVIDIA A100", "uuid": "GPU-1", "milliwatts": 61000, "temperature": 34}
    )
    monkeypatch.setattr("hwsearch.meters.nvml.NvmlMeter._load", lambda self: library)
    return library


def test_without_a_meter_one_line_says_why_and_what_can_be_measured():
    with pytest.raises(MeterUnavailableError) as caught:
        choose("auto", CPU)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("meter auto: this machine cannot measure power and energy (nvml: not ")
    assert text.endswith("it can measure: memory, runtime, params, macs")


def test_a_named_meter_is_used_or_an_error(recording):
    with pytest.raises(
        MeterUnavailableError, match=r"^meter nvml: not here \(buy one\); this machine can"
    ):
        choose("nvml", CPU)
    assert choose(f"replay:{recording}", CPU).name == "replay"


def test_a_recording_is_used_only_by_name(recording, monkeypatch):
    monkeypatch.setenv("HYPERPOWER_REPLAY", str(recording))
    with pytest.raises(MeterError) as caught:
        choose("auto", CPU)
    assert str(caught.value).endswith(
        "it can measure: memory, runtime, params, macs; "
        "--meter replay takes power and energy from the recording"
    )
    with pytest.raises(MeterError) as caught:
        choose("nvml", CPU)
    assert str(caught.value).endswith(
        "this machine can measure: memory, runtime, params, macs; "
        "--meter replay takes power and energy from the recording"
    )
    assert measurable(CPU) == ["memory", "runtime", "params", "macs"]
    assert choose("replay", CPU).name == "replay"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UserError) as caught:
        choose("nvmll", CPU)
    assert str(caught.value) == (
        "--meter: got 'nvmll'; expected one of auto, nvml, nvidia_smi, jetson, rapl, replay or "
        "replay:FILE; did you mean 'nvml'?"
    )


def test_the_best_meter_that_works_is_chosen(one_gpu):
    assert choose("auto", GPU).name == "nvml"


def test_a_device_without_a_state_has_an_empty_one():
    assert observer(GPU)() == DeviceState()
    assert observer(CPU) is cpu_state


def test_the_state_of_a_gpu_comes_from_its_meter(one_gpu):
    assert observer(GPU)().temperature_c == 34
    assert one_gpu.open == 0


def test_creating_a_meter_loads_and_starts_nothing():
    assert [create(name).name for name in REGISTRY] == list(REGISTRY)


def test_what_can_be_measured(one_gpu):
    without = ["memory", "runtime", "params", "macs"]
    assert measurable(CPU) == without
    assert measurable(GPU) == ["power", "energy", *without]
