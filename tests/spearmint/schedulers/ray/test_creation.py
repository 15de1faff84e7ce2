"""What a user may get wrong about a resource on Ray, and the check before a run begins."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from spearmint.errors import UserError
from spearmint.schedulers import check, create
from tests.servers import ray_cluster
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


@pytest.mark.server
def test_check_connects_to_a_cluster_before_dir_exists(tmp_path: Path, ray: Any) -> None:
    python = os.path.relpath(ray_cluster.PYTHON, tmp_path / "e/spearmint")
    found = ray_config(tmp_path / "e/spearmint", f"--python={python}", f"--address={ray.address}")
    check(found.resources[0], found)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.server
def test_check_says_what_is_wrong_with_the_address(tmp_path: Path, ray: Any) -> None:
    found = ray_config(tmp_path, f"--python={ray_cluster.PYTHON}", "--address=127.0.0.1:9")
    with pytest.raises(UserError) as caught:
        check(found.resources[0], found)
    start = 'resource Main: scheduler "RAY": cannot connect to Ray (127.0.0.1:9): '
    assert str(caught.value).startswith(start)
    assert str(caught.value).endswith("Connection refused")
    assert "\n" not in str(caught.value)


def test_check_starts_no_cluster_of_the_runs_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "python"
    file.write_text('#!/bin/sh\necho "$@" >>calls\n')
    file.chmod(0o755)
    found = ray_config(tmp_path, f"--python={file}")
    check(found.resources[0], found)
    (call,) = Path("calls").read_text().splitlines()
    assert "find_spec('ray')" in call
