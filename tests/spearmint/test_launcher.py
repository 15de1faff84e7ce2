from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from spearmint.errors import UserError
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import evaluate

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


def test_job_that_is_not_there(experiment: Any) -> None:
    done = by_hand(experiment(), "7")
    assert (done.returncode, done.stdout) == (2, "")
    assert "got 7, which does not exist" in done.stderr


def spec(folder: Path, main_file: Any, tasks: list[str]) -> JobSpec:
    return JobSpec(1, "e", str(folder), "output", main_file, tasks, "sqlite:x", "s", 60.0)


def test_tasks_with_files_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    (tmp_path / "one_x.py").write_text("def main(i, p): return {'a': i, 'c': 3}\n")
    (tmp_path / "two_x.py").write_text("def main(i, p): return float('nan')\n")
    told = spec(tmp_path, {"a": "one_x.py", "b": "two_x.py", "c": "one_x.py"}, ["a", "b", "c"])
    values = evaluate(told, {"id": 1, "params": {}}).values
    assert (values["a"], values["c"]) == (1.0, 3.0)
    assert values["b"] != values["b"]
    with pytest.raises(UserError, match="expected a file"):
        evaluate(spec(tmp_path, "none.py", ["a"]), {"id": 1, "params": {}})
