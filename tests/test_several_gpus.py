"""A search on a machine with two GPUs, which a stand-in for nvidia-smi describes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hwsearch.meters.stand_ins import Player
from tests.spearmint.conftest import Experiment

#: Two GPUs that draw different powers, so that a reading says which one it is of.
POWERS = {"GPU-a": "60.00 W", "GPU-b": "90.00 W"}
MACHINE = {
    "driver": "535.1",
    "gpus": [
        {
            "uuid": uuid,
            "name": "NVIDIA A100",
            "fields": {"power.draw": power, "mig.mode.current": "[N/A]"},
        }
        for uuid, power in POWERS.items()
    ],
}
#: Reads the power of the job's GPU, and counts how many jobs are on that GPU.
OBJECTIVE = """
    import os, pathlib, time
    from hwsearch.meters.nvidia_smi import NvidiaSmiMeter

    def main(job_id, params):
        gpu = os.environ["CUDA_VISIBLE_DEVICES"]
        mine = pathlib.Path(f"{gpu} {job_id}")
        mine.touch()
        others = [str(path) for path in pathlib.Path().glob("GPU-* *") if path != mine]
        with NvidiaSmiMeter() as meter:
            power = meter.read("power").value
        while len(list(pathlib.Path().glob("GPU-* *"))) < TOGETHER and job_id <= TOGETHER:
            time.sleep(0.05)
        pathlib.Path(f"begun {job_id}").touch()
        while len(list(pathlib.Path().glob("begun *"))) < TOGETHER:
            time.sleep(0.05)
        mine.unlink()
        return {"main": power, "measurements": {"gpu": gpu, "others": others}}
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Runs a search with these keys in config.json; returns its jobs."""
    (tmp_path / "locks").mkdir()
    Player(tmp_path, monkeypatch).play(MACHINE)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "locks"))

    def search(together: int, **keys: Any) -> list[dict[str, Any]]:
        objective = OBJECTIVE.replace("TOGETHER", str(together))
        keys |= {"gpus": list(POWERS), "max-finished-jobs": 6}
        one = Experiment(tmp_path / "an experiment", objective, keys)
        one.run()
        return one.jobs()

    return search


def test_each_job_measures_the_gpu_that_it_has_for_itself(
    machine: Callable[..., list[dict[str, Any]]],
) -> None:
    jobs = machine(2, **{"max-concurrent": 4})
    assert [job["status"] for job in jobs] == ["complete"] * 6
    found = [job["measurements"]["gpu"] for job in jobs]
    assert set(found) == set(POWERS)
    for job, gpu in zip(jobs, found, strict=True):
        assert f"{job['values']['main']:.2f} W" == POWERS[gpu]
        assert not [name for name in job["measurements"]["others"] if name.startswith(gpu)]


def test_jobs_share_gpus_if_the_user_asks_for_it(
    machine: Callable[..., list[dict[str, Any]]],
) -> None:
    jobs = machine(4, **{"max-concurrent": 4, "jobs-per-gpu": 2})
    assert [job["status"] for job in jobs] == ["complete"] * 6
    first = [job["measurements"]["gpu"] for job in jobs[:4]]
    assert sorted(first) == ["GPU-a", "GPU-a", "GPU-b", "GPU-b"]
