"""The device of a run: the first of many jobs determines it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.first_device import described, first_device, same_kind
from hwsearch.experiment.settings import Settings
from hwsearch.meters.device import Device

A100 = asdict(Device("gpu", "NVIDIA A100", "GPU-1"))
T4 = asdict(Device("gpu", "NVIDIA T4", "GPU-2"))


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path / "it's é")
    made.prepare()
    made.save_settings(Settings("run", "error"))
    return made


def test_the_first_device_stays(experiment: Experiment) -> None:
    assert first_device(experiment, "run", A100) == A100
    assert first_device(experiment, "run", T4) == A100
    assert [path.name for path in experiment.tmp.iterdir() if path.suffix == ".tmp"] == []


def test_jobs_at_the_same_time_get_one_answer(experiment: Experiment) -> None:
    devices = [asdict(Device("gpu", f"model {number}")) for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda device: first_device(experiment, "run", device), devices))
    assert found[0] in devices
    assert found == [found[0]] * 16


def test_a_job_that_outlived_its_run_determines_nothing(experiment: Experiment) -> None:
    assert first_device(experiment, "an earlier run", T4) == T4
    assert not experiment.device_file.exists()


@pytest.mark.parametrize("text", ["", "[1]", "{"])
def test_a_damaged_file_is_no_obstacle(experiment: Experiment, text: str) -> None:
    experiment.device_file.write_text(text)
    assert first_device(experiment, "run", T4) == T4


def test_another_gpu_of_the_same_model_is_of_the_same_kind() -> None:
    assert same_kind(A100, A100 | {"uuid": "GPU-7", "index": 3})
    assert not same_kind(A100, T4)
    assert not same_kind(A100, A100 | {"kind": "cpu"})


def test_a_processor_with_other_logical_cpus_is_of_another_kind() -> None:
    two, four = (asdict(Device("cpu", "AMD EPYC", cpus=count)) for count in (2, 4))
    assert same_kind(two, dict(two))
    assert not same_kind(two, four)
    of_older_version = {key: value for key, value in two.items() if key != "cpus"}
    assert same_kind(of_older_version, four)
    assert same_kind(four, of_older_version)


def test_devices_for_people() -> None:
    assert described(asdict(Device("cpu", "AMD EPYC", cpus=2))) == "AMD EPYC (2 logical CPUs)"
    assert described(A100) == "NVIDIA A100"
    assert described({}) == "?"
