"""Whether power can be measured where the jobs will run; nvidia-smi is a stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.launch.machine import meter_check
from hwsearch.launch.machine.meter_check import check_meter
from hwsearch.meters.protocol import Availability
from hwsearch.meters.rapl import RaplMeter
from tests.hwsearch.meters.stand_ins import Player

GPU = {"name": "NVIDIA A100", "fields": {"power.draw": "60.00 W", "mig.mode.current": "[N/A]"}}
MACHINE = {"driver": "535.1", "gpus": [{"uuid": "GPU-1", **GPU}]}
POWER = Settings("a", "error", {"power": 85.0})


@pytest.fixture
def player(no_meters: pytest.MonkeyPatch, tmp_path: Path) -> Player:
    made = Player(tmp_path, no_meters)
    made.play(MACHINE)
    return made


def use_gpu(monkeypatch: pytest.MonkeyPatch, used: bool) -> None:
    for module in ("meter_check", "gpus"):
        monkeypatch.setattr(f"hwsearch.launch.machine.{module}.keras_uses_gpu", lambda: used)


def test_power_on_other_machines_needs_no_meter_here(no_meters: pytest.MonkeyPatch) -> None:
    settings = Settings("a", "error", {"power": 85.0}, scheduler="slurm")
    check_meter(settings)
    settings.meter = "sundial"
    with pytest.raises(UserError, match=r"^--meter: got 'sundial'"):
        check_meter(settings)
    mixed = {"there": {"scheduler": "SLURM"}, "here": {}}
    for here in (Settings("a", "power"), Settings("a", "power", resources=mixed)):
        with pytest.raises(UserError, match="cannot measure power"):
            check_meter(here)


def test_a_gpu_that_keras_uses(
    player: Player, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_gpu(monkeypatch, True)
    check_meter(POWER)
    assert capsys.readouterr().out == "power is measured with nvidia_smi (power.draw)\n"


@pytest.mark.parametrize("meter", ["auto", "nvidia_smi"])
def test_a_gpu_that_keras_does_not_use(
    player: Player, monkeypatch: pytest.MonkeyPatch, meter: str
) -> None:
    use_gpu(monkeypatch, False)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    settings = Settings("a", "error", {"power": 85.0}, meter=meter)
    with pytest.raises(UserError) as caught:
        check_meter(settings)
    (line,) = str(caught.value).splitlines()
    assert line.startswith("power: cannot be measured: nvidia_smi reads a GPU, but Keras runs ")
    assert line.endswith("install torch with GPU support, or bound runtime instead")
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.setenv("KERAS_HOME", "/nowhere")
    with pytest.raises(UserError, match=r"install tensorflow with GPU support \(requirements/"):
        check_meter(settings)


def test_the_processor_is_measured_if_keras_uses_it(
    player: Player, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_gpu(monkeypatch, False)
    monkeypatch.setattr(RaplMeter, "available", lambda _: Availability(True))
    monkeypatch.setattr(RaplMeter, "channels", lambda _: [])
    check_meter(POWER)
    assert "power is measured with rapl" in capsys.readouterr().out


def test_nothing_is_asked_of_keras_without_need(
    player: Player, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail() -> bool:
        raise AssertionError("Keras was loaded")

    monkeypatch.setattr(meter_check, "keras_uses_gpu", fail)
    check_meter(Settings("a", "error", {"runtime": 1.0}))
    recording = tmp_path / "r.csv"
    recording.write_text("time_s,power_w\n0,60\n1,61\n")
    check_meter(Settings("a", "error", {"power": 85.0}, meter=f"replay:{recording}"))
