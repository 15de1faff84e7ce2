"""Batch systems that live as long as the tests, and jobs to run on them."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from spearmint import config, processes, schedulers
from spearmint.database import Database, connect
from spearmint.schedulers import Ended, Scheduler
from spearmint.schedulers.batch import cluster
from spearmint.worker.job_spec import JobSpec
from tests.servers import gridengine, mongo, slurm

PARAMS = {"x": {"type": "float", "values": [0.25]}}


def _require(reason: str | None) -> None:
    if reason:
        (pytest.fail if mongo.required() else pytest.skip)(reason)


@pytest.fixture(scope="session")
def slurm_cluster() -> Iterator[slurm.Cluster]:
    """A real Slurm: where it cannot be started, a test is skipped; in CI it fails."""
    _require(slurm.missing())
    with slurm.started() as found:
        yield found


@pytest.fixture(scope="session")
def grid_engine() -> Iterator[gridengine.Cell]:
    """A real Grid Engine."""
    _require(gridengine.missing())
    with gridengine.started() as found:
        yield found


@pytest.fixture
def batch_environ(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Any]]:
    """Puts the commands of a batch system on PATH; gives its server, and empties its queue."""
    used = []

    def use(system: str) -> Any:
        fixture = "grid_engine" if system == "SGE" else "slurm_cluster"
        server = request.getfixturevalue(fixture)
        environ = server.environ if system == "SGE" else server.environ[system]
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        used.append(server)
        return server

    yield use
    for server in used:
        server.clear()


@dataclass
class Bench:
    """A scheduler with a store and a folder that it runs jobs of."""

    system: str
    folder: Path
    store: Database
    made: list[Scheduler] = field(default_factory=list)
    server: Any = None

    def scheduler(self, **resource: Any) -> Scheduler:
        mapping = {
            "experiment-name": "e é",
            "main-file": "objective.py",
            "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
            "database": {"address": "sqlite:jobs.sqlite"},
            "polling-time": 0.1,
            "scheduler": self.system.lower(),
            **{key.replace("_", "-"): value for key, value in resource.items()},
        }
        read = config.parse(mapping, folder=self.folder, files=False, environ={})
        self.made.append(schedulers.create(read.resources[0], read))
        return self.made[-1]

    def spec(self, code: str) -> JobSpec:
        """A new job whose objective is this code."""
        text = textwrap.indent(textwrap.dedent(code), "    ")
        text = f"import os, signal, subprocess, sys, time\ndef main(i, p):\n{text}\n"
        (self.folder / "objective.py").write_text(text, encoding="utf-8")
        return JobSpec(
            job_id=self.store.add_job("e é", {"params": PARAMS}),
            experiment="e é",
            folder=str(self.folder),
            output_subdir="out put",
            main_file="objective.py",
            tasks=["main"],
            address=f"sqlite:{self.folder}/jobs.sqlite",
            database="spearmint",
            lease_s=60.0,
        )

    def job(self, spec: JobSpec) -> dict[str, Any]:
        return self.store.job("e é", spec.job_id) or {}

    def began(self, spec: JobSpec) -> dict[str, Any]:
        """The job as soon as its objective runs: it says so in its output."""
        self.until(lambda: spec.output.exists() and "BEGAN" in spec.output.read_text("utf-8"))
        return self.job(spec)

    @staticmethod
    def until(condition: Callable[[], Any], timeout: float = 60) -> None:
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, "it does not come to pass"
            time.sleep(0.05)

    @staticmethod
    def runs(pid: int) -> bool:
        return processes.identity(pid) is not None

    def end_of(self, scheduler: Scheduler, name: str) -> Ended:
        found: list[Ended] = []

        def ended() -> bool:
            found.extend(scheduler.poll())
            return any(end.proc_id == name for end in found)

        self.until(ended)
        return next(end for end in found if end.proc_id == name)


@pytest.fixture
def make_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes benches in a folder that is hard to name; ends what runs there."""
    monkeypatch.setattr(cluster, "SHORTEST_INTERVAL_S", 0.2)
    made = []

    def make(system: str, name: str = "a folder") -> Bench:
        folder = tmp_path / name
        (folder / "out put").mkdir(parents=True)
        made.append(Bench(system, folder, connect(f"sqlite:{folder}/jobs.sqlite")))
        return made[-1]

    yield make
    for bench in made:
        for scheduler in bench.made:
            scheduler.stop(0.1)
            scheduler.close()
        bench.store.close()
