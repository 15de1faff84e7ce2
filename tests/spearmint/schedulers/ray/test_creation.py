"""What a user may get wrong about a resource on Ray."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from spearmint.errors import UserError
from spearmint.schedulers import create
from tests.spearmint.schedulers.ray.configs import ray_config


def refusal(folder: Path, *words: str) -> str:
    found = ray_config(folder, *words)
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
