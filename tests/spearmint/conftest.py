"""An experiment's folder, and real runs of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spearmint.config import load
from spearmint.database import Database, connect

ROOT = Path(__file__).resolve().parents[2]
#: A search over one number, at random, whose every job takes no time.
CONFIG: dict[str, Any] = {
    "experiment-name": "test",
    "main-file": "objective.py",
    "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
    "chooser": "random_search",
    "database": {"address": "sqlite:jobs.sqlite"},
    "polling-time": 0.1,
    "max-finished-jobs": 3,
}
OBJECTIVE = """
    def main(job_id, params):
        return float(params["x"][0])
"""


class Experiment:
    """A folder with config.json and objective.py, and what can be done with it."""

    def __init__(self, folder: Path, objective: str, changes: dict[str, Any]) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        config = {**CONFIG, **changes}
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        (folder / "objective.py").write_text(textwrap.dedent(objective), encoding="utf-8")
        self.started: list[subprocess.Popen[str]] = []

    @property
    def store(self) -> Database:
        config = load(self.folder)
        return connect(config.address, config.database)

    def jobs(self, status: str | None = None) -> list[dict[str, Any]]:
        with self.store as store:
            return store.jobs("test", status)

    def start(self, *flags: str, script: str = "main.py") -> subprocess.Popen[str]:
        command = [sys.executable, str(ROOT / "spearmint" / script), *flags, str(self.folder)]
        child = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            cwd=self.folder.parent,
            env={k: v for k, v in os.environ.items() if k != "SPEARMINT_DB_ADDRESS"},
        )
        self.started.append(child)
        return child

    def run(self, *flags: str, status: int = 0, timeout: float = 120) -> str:
        """Runs to the end, and checks the exit status; what was printed."""
        child = self.start(*flags)
        text, _ = child.communicate(timeout=timeout)
        assert child.returncode == status, text
        assert "Traceback" not in text
        return text

    def output(self, job_id: int) -> str:
        return (self.folder / "output" / f"{job_id:08d}.out").read_text(encoding="utf-8")

    def wait_for(self, what: Callable[[], Any], timeout: float = 60) -> Any:
        """What a condition gives as soon as it is true."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError("it did not come to pass in time")


@pytest.fixture
def experiment(tmp_path: Path) -> Any:
    """Makes experiments whose folders are hard to quote; ends what they started."""
    made: list[Experiment] = []

    def make(objective: str = OBJECTIVE, name: str = "an 'ex\"é", **changes: Any) -> Experiment:
        changes = {key.replace("_", "-"): value for key, value in changes.items()}
        made.append(Experiment(tmp_path / name, objective, changes))
        return made[-1]

    yield make
    for one in made:
        for child in one.started:
            if child.poll() is None:
                child.kill()
            if child.stdout is not None:
                child.stdout.close()
            child.wait()
