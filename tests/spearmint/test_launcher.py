from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def by_hand(one: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "spearmint" / "launcher.py"), str(one.folder), *arguments],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def add(one: Any) -> None:
    with one.store as store:
        store.add_job("test", {"params": {"x": {"type": "float", "values": [0.25]}}})


def test_one_job_by_hand(experiment: Any) -> None:
    one = experiment("def main(i, p):\n    print('seen')\n    return p['x']\n")
    add(one)
    done = by_hand(one, "1")
    assert done.returncode == 0, done.stderr
    assert "seen" in done.stdout
    assert "job 1 is complete: {'main': 0.25}" in done.stdout
    assert one.jobs()[0]["values"] == {"main": 0.25}
    again = by_hand(one, "1")
    assert again.returncode == 2
    assert again.stderr.strip() == "JOB_ID: got 1, which is complete; expected a new job"


def test_broken_job_by_hand_shows_its_traceback(experiment: Any) -> None:
    one = experiment("def main(i, p): return 1 / 0")
    add(one)
    done = by_hand(one, "1")
    assert "ZeroDivisionError" in done.stderr
    assert "job 1 is broken: ZeroDivisionError: division by zero" in done.stdout


@pytest.mark.parametrize(
    ("job_id", "message"),
    [
        ("7", "JOB_ID: got 7, which does not exist; expected a new job"),
        ("x", "launcher.py: argument JOB_ID: got 'x'; expected a whole number, 1 or more"),
    ],
)
def test_job_that_cannot_be_run(experiment: Any, job_id: str, message: str) -> None:
    done = by_hand(experiment(), job_id)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(message)
