"""The GPUs that local jobs get; nvidia-smi is a stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.launch.machine import gpus
from hwsearch.launch.machine.gpus import described, job_gpus
from tests.hwsearch.meters.stand_ins import Player

MEASURED = Settings("a", "error", {"power": 85.0})
COMPUTED = Settings("a", "error", {"params": 85.0})


@pytest.fixture
def player(no_meters: pytest.MonkeyPatch, tmp_path: Path) -> Player:
    no_meters.setattr(gpus, "keras_uses_gpu", lambda: True)
    return Player(tmp_path, no_meters)


def machine(*models: str) -> dict:
    listed = [
        {"uuid": f"GPU-{number}", "name": model, "fields": {}}
        for number, model in enumerate(models)
    ]
    return {"driver": "535.1", "gpus": listed}


def found(settings: Settings, environ: dict[str, str] | None = None) -> list[str]:
    return [gpu.uuid for gpu in job_gpus(settings, environ or {})]


def test_all_gpus_of_one_model(player: Player) -> None:
    player.play(machine("A100", "A100", "A100"))
    assert found(MEASURED) == ["GPU-0", "GPU-1", "GPU-2"]
    assert found(MEASURED, {"CUDA_VISIBLE_DEVICES": "2,0"}) == ["GPU-2", "GPU-0"]
    assert found(MEASURED, {"CUDA_VISIBLE_DEVICES": "GPU-1"}) == []
    elsewhere = Settings("a", "error", {"power": 85.0}, scheduler="slurm")
    assert found(elsewhere) == []


def test_one_gpu_or_none_changes_nothing(player: Player) -> None:
    player.play(machine("A100"))
    assert found(MEASURED) == []
    player.executable("exit 9")
    assert found(MEASURED) == []
    assert found(MEASURED, {"CUDA_VISIBLE_DEVICES": ""}) == []


def test_measured_networks_run_on_one_model(player: Player) -> None:
    player.play(machine("A100", "T4", "A100"))
    assert found(MEASURED) == ["GPU-0", "GPU-2"]
    assert found(COMPUTED) == ["GPU-0", "GPU-1", "GPU-2"]
    mixed = Settings("a", "error", {"power": 85.0}, mixed_devices=True)
    assert found(mixed) == ["GPU-0", "GPU-1", "GPU-2"]
    player.play(machine("A100", "T4"))
    assert found(MEASURED) == ["GPU-0"]
    with pytest.raises(UserError, match="GPUs of different models"):
        found(MEASURED, {"CUDA_VISIBLE_DEVICES": "1,0"})


def test_slices_are_given_to_jobs_as_they_are_named(player: Player) -> None:
    player.play(machine("A100"))
    assert found(COMPUTED, {"CUDA_VISIBLE_DEVICES": "MIG-1,MIG-2"}) == ["MIG-1", "MIG-2"]


def test_gpus_that_keras_does_not_use(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    player.play(machine("A100", "A100"))
    monkeypatch.setattr(gpus, "keras_uses_gpu", lambda: False)
    assert found(MEASURED) == []


def test_the_line_for_the_user(player: Player) -> None:
    player.play(machine("A100", "A100"))
    two = job_gpus(MEASURED, {})
    assert described(two, MEASURED) == "2 GPUs (A100), one network at a time on each"
    many = Settings("a", "error", max_concurrent=5)
    assert described(two, many) == (
        "2 GPUs (A100), one network at a time on each: 2 of --max_concurrent 5 run at the same "
        "time; --jobs_per_gpu lets more share a GPU"
    )
    many.jobs_per_gpu = 3
    one = described(two[:1], many)
    assert one.startswith("1 GPU (A100), up to 3 networks at a time on each: 3 of ")
