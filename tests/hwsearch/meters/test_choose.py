"""The package's own functions: which meter measures what, and what is said when none does."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError
from hwsearch.measuring.survey import main
from hwsearch.meters import REGISTRY, choose, create, measurable, observer
from hwsearch.meters.cpu_state import cpu_state
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import DeviceState, MeterError, MeterUnavailableError

CPU = Device("cpu", "a CPU")


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch, tmp_path):
    """A machine without power meters, whatever this one has."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("HYPERPOWER_REPLAY", raising=False)
    monkeypatch.setattr("hwsearch.meters.rapl.RaplMeter._open", unavailable("rapl"))
    monkeypatch.setattr("hwsearch.meters.jetson.JetsonMeter._open", unavailable("jetson"))
    monkeypatch.setattr("hwsearch.meters.nvml.NvmlMeter.start", unavailable("nvml"))


def unavailable(name):
    def refuse(*_, **__):
        raise MeterUnavailableError(name, "not here", "buy one")

    return refuse


@pytest.fixture
def recording(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("time_s,power_w\n0,60\n1,61\n")
    return file


@pytest.mark.parametrize("metrics", [set(), {"runtime"}, {"runtime", "error", "params", "macs"}])
@pytest.mark.parametrize("name", ["auto", "nvml", "replay"])
def test_no_meter_is_needed_for_time_alone(metrics, name):
    assert choose(name, metrics, CPU) == {}


def test_power_without_a_meter_is_one_line_that_names_what_can_be_measured():
    with pytest.raises(MeterUnavailableError) as caught:
        choose("auto", {"power"}, CPU)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("meter auto: this machine cannot measure power (nvml: not here;")
    assert text.endswith("it can measure: memory, runtime, params, macs")


def test_a_name_insists(recording):
    with pytest.raises(MeterUnavailableError, match=r"^meter nvml: not here \(buy one\); it can"):
        choose("nvml", {"power"}, CPU)
    with pytest.raises(MeterUnavailableError, match="does not measure power"):
        choose("memory", {"power"}, CPU)
    chosen = choose(f"replay:{recording}", {"power", "energy", "runtime"}, CPU)
    assert {metric: meter.name for metric, meter in chosen.items()} == {
        "energy": "replay",
        "power": "replay",
    }
    assert chosen["energy"] is chosen["power"]


def test_a_recording_is_never_taken_unasked(recording, monkeypatch):
    monkeypatch.setenv("HYPERPOWER_REPLAY", str(recording))
    with pytest.raises(MeterError):
        choose("auto", {"power"}, CPU)
    assert choose("replay", {"power"}, CPU)["power"].name == "replay"


@pytest.mark.parametrize("metrics", [set(), {"power"}])
def test_an_unknown_name_lists_those_that_there_are(metrics):
    with pytest.raises(UserError) as caught:
        choose("nvmll", metrics, CPU)
    assert str(caught.value) == (
        "meter 'nvmll': no such meter; there are: "
        "auto, nvml, nvidia_smi, jetson, rapl, memory, replay"
    )


def test_memory_has_its_own_meter_whatever_the_name(recording):
    chosen = choose(f"replay:{recording}", {"power", "memory"}, CPU)
    assert chosen["memory"].name == "memory"


def test_the_best_one_that_works_is_taken(monkeypatch, fake_nvml):
    monkeypatch.undo()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    gpu = {"name": "NVIDIA A100", "uuid": "GPU-1", "milliwatts": 61000}
    monkeypatch.setattr("hwsearch.meters.nvml.NvmlMeter._load", lambda self: library)
    library = fake_nvml(gpu)
    assert choose("auto", {"power"}, Device("gpu", "NVIDIA A100", "GPU-1"))["power"].name == "nvml"


def test_who_tells_the_state_of_a_device(monkeypatch, fake_nvml):
    gpu = Device("gpu", "NVIDIA A100", "GPU-1")
    assert observer(gpu)() == DeviceState()
    assert observer(CPU) is cpu_state
    monkeypatch.undo()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    answers = {"name": "NVIDIA A100", "uuid": "GPU-1", "milliwatts": 61000, "temperature": 34}
    monkeypatch.setattr("hwsearch.meters.nvml.NvmlMeter._load", lambda self: library)
    library = fake_nvml(answers)
    assert observer(gpu)().temperature_c == 34
    assert library.open == 0


def test_every_meter_can_be_made_without_anything_being_loaded_or_started():
    assert [create(name).name for name in REGISTRY] == list(REGISTRY)


def test_what_can_be_measured():
    assert measurable(CPU) == ["memory", "runtime", "params", "macs"]


def test_the_table_shows_readings_reasons_and_remedies(capsys, recording, monkeypatch):
    monkeypatch.setenv("HYPERPOWER_REPLAY", str(recording))
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(REGISTRY)
    assert lines[1].startswith("nvml ")
    assert lines[1].endswith("no: not here; buy one")
    assert "replay      power     power_w" in lines[6]
    assert "60.00 W" in lines[6]
    assert lines[-1] == "This machine can measure: power, energy, memory, runtime, params, macs."
