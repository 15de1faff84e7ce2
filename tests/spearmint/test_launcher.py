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


@pytest.mark.parametrize(
    "changes",
    [
        {"params": None},
        {"params": {"x": {"type": "float", "values": ["__import__('os').abort()"]}}},
        {"params": {"x": {"type": "int", "values": [{"$where": "1"}]}}},
        {"params": {"x": 1, "y\nforged line": {"values": "\x1b[2J"}}},
    ],
)
def test_document_that_was_changed_by_hand(experiment: Any, changes: dict[str, Any]) -> None:
    one = experiment("def main(i, p): raise SystemExit('it was run')")
    with one.store as store:
        store.add_job("test", changes)
    done = by_hand(one, "1")
    (job,) = one.jobs()
    assert job["status"] == "broken"
    assert job["reason"].startswith("params: ")
    assert done.stdout.splitlines()[-1] == f"job 1 is broken: {job['reason']}"
    assert len(done.stdout.splitlines()) == 2
    assert done.stdout.replace("\n", "").isprintable()


def test_what_a_document_names_is_not_run(experiment: Any) -> None:
    one = experiment()
    elsewhere = one.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "objective.py").write_text("raise SystemExit('it was run')")
    job = {
        "params": {"x": {"type": "float", "values": [0.25]}},
        "expt_dir": str(elsewhere),
        "main-file": str(elsewhere / "objective.py"),
        "language": "SHELL",
        "tasks": ["other"],
    }
    with one.store as store:
        store.add_job("test", job)
    assert by_hand(one, "1").returncode == 0
    assert one.jobs()[0]["values"] == {"main": 0.25}
