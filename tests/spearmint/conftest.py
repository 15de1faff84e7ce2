"""Folders of experiments, and real runs in processes of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint.config import load
from spearmint.database import Database, connect
from tests.environment import of_a_user
from tests.servers.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
#: A random search over one number; its jobs take no time.
CONFIG: dict[str, Any] = {
    "experiment-name": "test",
    "main-file": "objective.py",
    "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
    "chooser": "random_search",
    "database": {"address": "sqlite:jobs.sqlite"},
    "polling-time": 0.1,
    "max-finished-jobs": 3,
}
#: How long a test waits for something that takes a second or two on an idle machine, in seconds.
#: It is less than the limit of a test (see pyproject.toml), so that a failure says what is missing.
PATIENCE_S = 240.0
OBJECTIVE = """
    def main(job_id, params):
        return float(params["x"][0])
"""


class Experiment:
    """A folder with config.json and objective.py, and ways to run it."""

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
        script = str(ROOT / "spearmint" / script)
        command = [sys.executable, "-X", "faulthandler", script, *flags, str(self.folder)]
        child = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            cwd=self.folder.parent,
            env=of_a_user(),
        )
        self.started.append(child)
        return child

    def run(self, *flags: str, status: int = 0) -> str:
        """Runs to the end, and checks the exit status; returns what was printed."""
        return self.finish(self.start(*flags), status)

    def finish(self, child: subprocess.Popen[str], status: int = 0) -> str:
        """Waits for a run to end, and checks its exit status; returns the rest of its output."""
        try:
            text, _ = child.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGABRT)  # it prints where each of its threads is
            text, _ = child.communicate(timeout=PATIENCE_S)
            pytest.fail(f"the run did not end within {PATIENCE_S:g} s:\n{text}")
        assert child.returncode == status, text
        assert "Traceback" not in text
        return text

    def read_until(self, child: subprocess.Popen[str], words: str) -> str:
        """Reads a run's output until a line has these words; returns what was read."""
        assert child.stdout is not None
        text = ""
        for line in child.stdout:
            text += line
            if words in line:
                return text
        raise AssertionError(f"the run ended without printing {words!r}:\n{text}")

    def output(self, job_id: int) -> str:
        return (self.folder / "output" / f"{job_id:08d}.out").read_text(encoding="utf-8")

    def wait_for(self, what: Callable[[], Any]) -> Any:
        """Waits until a condition is true, and returns its value."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"the condition was not met within {PATIENCE_S:g} s")


@pytest.fixture
def proxy(mongo_address: str) -> Iterator[Proxy]:
    """A proxy in front of a real MongoDB server."""
    proxy = Proxy(mongo_address)
    yield proxy
    proxy.close()


@pytest.fixture
def experiment(tmp_path: Path) -> Any:
    """Creates experiments in folders with names that need quoting; ends what they started."""
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
