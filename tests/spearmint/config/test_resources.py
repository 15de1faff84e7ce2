"""Resources of a config.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spearmint.config.reader import Faults, ObjectReader
from spearmint.config.records import ConfigError, Resource, Task
from spearmint.config.resources import check_resources, fit_for_all, read_resources

CPU_GPU = {
    "cpu": {"scheduler": "local", "max-concurrent": 4, "max-finished-jobs": 30},
    "gpu": {"environment-file": "gpu.env", "output-subdir": "out gpu"},
}


def read(
    document: dict[str, Any], folder: Path | None = None
) -> tuple[tuple[Resource, ...], Faults]:
    faults = Faults("file")
    return read_resources(ObjectReader(document, "", faults), folder, must_exist=True), faults


def test_keys_of_resources() -> None:
    (cpu, gpu), faults = read({"resources": CPU_GPU})
    assert cpu == Resource("cpu", "local", 4, 30)
    assert gpu == Resource("gpu", environment_file=Path("gpu.env"), output_subdir="out gpu")
    assert (faults.faults, faults.warnings) == ([], [])


def test_resource_keys_at_the_top_are_those_of_the_unnamed_one() -> None:
    (found,), _ = read({"max-concurrent": 3, "max-finished-jobs": 9, "output-subdir": "o"})
    assert found == Resource("Main", "local", 3, 9, output_subdir="o")


def test_resource_keys_beside_resources_are_ignored() -> None:
    document = {"resources": CPU_GPU, "scheduler": "SLURM", "max-finished-jobs": 9}
    _, faults = read(document)
    (line,) = faults.warnings
    assert line.startswith("file: scheduler: ignored because `resources` is given")


@pytest.mark.parametrize("scheduler", ["SLURM", "slurm", "Slurm"])
@pytest.mark.parametrize("args", ["--mem=4G -p 'my gpu'", ["--mem=4G", "-p", "my gpu"]])
def test_arguments_of_a_batch_system(scheduler: str, args: Any) -> None:
    (found,), faults = read({"scheduler": scheduler, "scheduler-args": args})
    assert (found.scheduler, found.scheduler_args) == ("SLURM", ("--mem=4G", "-p", "my gpu"))
    assert not faults.warnings


def test_arguments_of_local_jobs_are_ignored() -> None:
    _, faults = read({"scheduler-args": "-q x"})
    (line,) = faults.warnings
    assert "scheduler-args: ignored: local jobs are not submitted" in line


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"scheduler": "SLRUM"}, ['scheduler: got "SLRUM"', "local, SLURM", 'mean "SLURM"?']),
        ({"scheduler-args": 3}, ["scheduler-args: got 3", "a string such as", "--mem=4G"]),
        ({"scheduler-args": ["-q", 1]}, ["scheduler-args: got", "list of arguments"]),
        ({"scheduler-args": "-q 'a"}, ["scheduler-args", "no closing quotation"]),
        ({"max-concurrent": 0}, ["max-concurrent: got 0", "from 1 to 100000"]),
        ({"max-finished-jobs": 0.5}, ["max-finished-jobs: got 0.5", "1 or more"]),
        ({"output-subdir": "../out"}, ["output-subdir", "a folder inside DIR"]),
        ({"output-subdir": "/out"}, ["output-subdir", "a folder inside DIR"]),
    ],
)
def test_a_wrong_resource_is_one_line(values: dict[str, Any], words: list[str]) -> None:
    _, faults = read({"resources": {"one": values}})
    (line,) = faults.faults
    for word in ["resources.one.", *words]:
        assert word in line


def test_an_environment_file_must_exist(tmp_path: Path) -> None:
    _, faults = read({"environment-file": "gpu.env"}, tmp_path)
    assert faults.faults == [
        f'file: environment-file: got "gpu.env"; expected a file in {tmp_path}'
    ]
    (tmp_path / "gpu.env").touch()
    (found,), faults = read({"environment-file": "gpu.env"}, tmp_path)
    assert (found.environment_file, faults.faults) == (tmp_path / "gpu.env", [])


TASKS = (Task("f", objective=True), Task("c", objective=False))


def shared(resources_of_c: Any) -> tuple[list[str], Faults]:
    faults = Faults("file")
    document = {"tasks": {"f": {"resources": ["cpu"]}, "c": {"resources": resources_of_c}}}
    names = (Resource("cpu"), Resource("gpu"))
    found = fit_for_all(ObjectReader(document, "", faults), TASKS, names)
    return [resource.name for resource in found], faults


def test_a_resource_on_which_some_task_may_not_run_receives_no_jobs() -> None:
    names, faults = shared(None)
    assert (names, faults.faults) == (["cpu"], [])
    (line,) = faults.warnings
    assert line == "file: resources.gpu: receives no jobs: the tasks f may not run on it"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["gpu"], "tasks: got tasks without a resource in common"),
        (["gpv", "cpu"], 'tasks.c.resources: got "gpv"; expected one of cpu, gpu'),
        (3, "tasks.c.resources: got 3; expected a list of resources: cpu, gpu"),
    ],
)
def test_tasks_need_a_resource_in_common(given: Any, words: str) -> None:
    _, faults = shared(given)
    (line,) = faults.faults
    assert words in line


def test_resources_in_a_file_of_their_own() -> None:
    check_resources({"gpu": {"scheduler": "SLURM", "environment-file": "not looked for"}}, "f.json")
    with pytest.raises(ConfigError) as caught:
        check_resources({"a": {"scheduler": "SLRM"}, "b": {"max-concurrent": 0}}, "f.json")
    first, second = str(caught.value).splitlines()
    assert first.startswith('f.json: resources.a.scheduler: got "SLRM"; expected one of local,')
    assert second.startswith("f.json: resources.b.max-concurrent: got 0; expected a whole number")


def test_gpus() -> None:
    (found,), faults = read({"gpus": ["GPU-1", "GPU-2"], "jobs-per-gpu": 2, "max-concurrent": 9})
    assert (found.gpus, found.jobs_per_gpu, found.slots) == (("GPU-1", "GPU-2"), 2, 4)
    assert (faults.faults, faults.warnings) == ([], [])
    (found,), _ = read({"gpus": "0", "max-concurrent": 9})
    assert (found.gpus, found.slots) == (("0",), 1)
    (found,), faults = read({"max-concurrent": 9, "jobs-per-gpu": 2})
    assert found.slots == 9, "without GPUs, nothing else limits the jobs"
    (line,) = faults.warnings
    assert line.startswith("file: jobs-per-gpu: ignored: it limits the local jobs on each of")
    (found,), faults = read({"scheduler": "SLURM", "gpus": ["0"]})
    assert found.gpus == ()
    assert faults.warnings == ["file: gpus: ignored: SLURM gives GPUs to its jobs itself"]
    for wrong in (["0", "0"], ["0,1"], [0], [""], {"a": 1}):
        assert "expected a list of GPUs" in read({"gpus": wrong})[1].faults[0]
