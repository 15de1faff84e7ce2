"""What needs no cluster; the rest is in test_conformance.py and test_whole_runs.py."""

from __future__ import annotations

import select
import sys
from pathlib import Path
from typing import Any

import pytest

from spearmint.config import Config, parse
from spearmint.errors import UserError
from spearmint.schedulers import create
from spearmint.schedulers.ray.scheduler import RayScheduler


def config(folder: Path, *words: str) -> Config:
    return parse(
        {
            "main-file": "objective.py",
            "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
            "scheduler": "RAY",
            "scheduler-args": list(words),
        },
        folder=folder,
        files=False,
        environ={},
    )


def refusal(folder: Path, *words: str) -> str:
    found = config(folder, *words)
    with pytest.raises(UserError) as caught:
        create(found.resources[0], found)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith('resource Main: scheduler "RAY": ')
    return text


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    """An interpreter without any package."""
    file = tmp_path / "bare python"
    file.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    file.chmod(0o755)
    return file


def test_ray_that_is_not_installed_is_one_line(tmp_path: Path, interpreter: Path) -> None:
    text = refusal(tmp_path, f"--python={interpreter}")
    assert f"{interpreter} has no package ray; install it with: {interpreter} -m pip" in text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--python=nosuch"], "scheduler-args: --python: nosuch: expected a program"),
        (["--python=./x"], "/x: expected a program"),
        (["--gpus=1"], "scheduler-args: unrecognized arguments: --gpus=1 (scheduler-args: --gp"),
        (["--num-gpus=x"], "scheduler-args: argument --num-gpus: got 'x'; expected a whole numb"),
    ],
)
def test_arguments_that_cannot_be_used_are_one_line(
    words: list[str], expected: str, tmp_path: Path
) -> None:
    assert expected in refusal(tmp_path, *words)


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """Makes schedulers whose interpreter says that it has every package."""
    file = tmp_path / "python"
    file.write_text("#!/bin/sh\nexit 0\n")
    file.chmod(0o755)

    def made(*words: str) -> RayScheduler:
        found = config(tmp_path, "--python=./python", *words)
        scheduler = create(found.resources[0], found)
        assert isinstance(scheduler, RayScheduler)
        return scheduler

    return made


def test_ids_are_durable_on_a_cluster_that_outlives_the_run(make: Any) -> None:
    assert make("--address=head:6379").durable_ids
    assert not make().durable_ids


def test_ids_of_other_schedulers_are_not_looked_for(make: Any) -> None:
    scheduler = make("--address=head:6379")
    assert scheduler.resume({"SLURM 3": None, "RAY ": None, "RAY x": None}) == set()
    assert make().resume({"RAY hp1-e-1": None}) == set()
    assert not scheduler.driver.runs


def test_driver_that_ends_at_once_is_one_line(make: Any) -> None:
    scheduler = make("--address=head:6379")
    scheduler.start()
    select.select(scheduler.sources(), [], [], 240.0)
    with pytest.raises(UserError, match=r"cannot connect to Ray \(head:6379\): exit status 0"):
        scheduler.poll()
