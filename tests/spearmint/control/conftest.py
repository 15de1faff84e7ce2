"""An experiment in an SQLite file; a test decides when its jobs run, end and die."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from spearmint import lifecycle, processes
from spearmint.choosers import Chooser, create
from spearmint.config import Config, parse
from spearmint.control.controller import Controller
from spearmint.control.interrupts import Interrupts
from spearmint.control.progress import Progress
from spearmint.control.suggestions import Suggestions
from spearmint.control.supervisor import Supervisor
from spearmint.database import connect
from spearmint.schedulers import Ended, SubmissionDelayedError
from spearmint.worker.job_spec import JobSpec

#: A process of this machine that does not run: no process has so high a number.
DEAD = f"{processes.host()}:999999999:1"
ELSEWHERE = "another-machine/abc:1:1"


class ManualScheduler:
    """A scheduler without processes: `on_submit` does what a worker would do.

    Attributes:
        on_submit: Called with every job's spec; what it raises, `submit` raises.
        on_poll: Called by `poll`; it may add to `ended`.
        queued: The `proc_id`s that another controller has submitted.
        cancelled: What `cancel` was called with.
    """

    def __init__(self, durable_ids: bool) -> None:
        self.durable_ids = durable_ids
        self.on_submit: Callable[[JobSpec], Any] = lambda spec: None
        self.on_poll: Callable[[], Any] = lambda: None
        self.specs: list[JobSpec] = []
        self.running: dict[str, int] = {}
        self.ended: list[Ended] = []
        self.lines: list[str] = []
        self.queued: set[str] = set()
        self.cancelled: list[str] = []
        self.calls: list[str] = []

    def start(self) -> None: ...

    def submit(self, spec: JobSpec) -> str:
        proc_id = f"manual {len(self.specs) + 1}"
        self.running[proc_id] = spec.job_id
        try:
            self.on_submit(spec)
        except SubmissionDelayedError:
            del self.running[proc_id]
            raise
        self.specs.append(spec)
        return proc_id

    def resume(self, specs: Mapping[str, JobSpec]) -> set[str]:
        self.running |= {name: specs[name].job_id for name in self.queued & set(specs)}
        return self.queued & set(specs)

    def poll(self) -> list[Ended]:
        self.on_poll()
        ended, self.ended = self.ended, []
        return ended

    def notices(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines

    def sources(self) -> list[int]:
        return []

    def withdraw(self) -> None:
        self.calls.append("withdraw")

    def cancel(self, proc_id: str) -> None:
        self.cancelled.append(proc_id)

    def stop(self, grace_s: float) -> None:
        self.calls.append("stop")

    def close(self) -> None: ...


class Bench:
    """The parts of a controller, and shortcuts to the jobs in its database."""

    def __init__(self, folder: Path, durable_ids: bool, **changes: Any) -> None:
        mapping = {
            "experiment-name": "e",
            "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
            "main-file": "f.py",
            "chooser": "random_search",
            "polling-time": 0.01,
            "database": {"address": f"sqlite:{folder}/jobs.sqlite"},
            **changes,
        }
        self.config: Config = parse(mapping, folder=folder, files=False, environ={})
        self.store = connect(self.config.address)
        self.scheduler = ManualScheduler(durable_ids)
        self.stream = io.StringIO()
        self.progress = Progress(self.config.tasks, self.stream, debug=True)
        self.interrupts = Interrupts()
        self.chooser: Chooser = create(self.config, 1)
        schedulers = {resource.name: self.scheduler for resource in self.config.resources}
        self.supervisor = Supervisor(self.config, self.store, schedulers, self.progress)

    @property
    def suggestions(self) -> Suggestions:
        return Suggestions(self.config, self.store, self.chooser, self.progress, self.interrupts)

    @property
    def controller(self) -> Controller:
        return Controller(
            self.config,
            self.store,
            self.supervisor,
            self.suggestions,
            self.progress,
            self.interrupts,
        )

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def add(self, **fields: Any) -> dict[str, Any]:
        """A stored job, of this controller unless `fields` says otherwise."""
        job = {
            "params": {"x": {"type": "float", "values": [0.5]}},
            "submit time": time.time(),
            "controller": self.supervisor.identity,
            **fields,
        }
        return self.job(self.store.add_job("e", job))

    def job(self, job_id: int = 1) -> dict[str, Any]:
        found = self.store.job("e", job_id)
        assert found is not None
        return found

    def claim(self, job_id: int = 1, worker: str = DEAD, lease_s: float = 600) -> dict[str, Any]:
        found = self.store.claim("e", job_id, worker, lease_s)
        assert found is not None
        return found

    def finish(self, job_id: int = 1, value: float | None = 1.0) -> None:
        """Completes a pending job and ends its process; without a value it is broken."""
        job = self.job(job_id)
        changes = lifecycle.broken("it broke")
        if value is not None:
            changes = lifecycle.complete({"main": value}, {}, None)
        attempt = job["attempt"]
        assert self.store.update("e", job_id, status="pending", attempt=attempt, changes=changes)
        for proc_id, running in list(self.scheduler.running.items()):
            if running == job_id:
                del self.scheduler.running[proc_id]
                self.scheduler.ended.append(Ended(proc_id, "exit status 0"))

    def run_at_once(self, value: float | None = 1.0) -> Callable[[JobSpec], None]:
        """An `on_submit` that runs the job to its end."""

        def run(spec: JobSpec) -> None:
            self.claim(spec.job_id)
            self.finish(spec.job_id, value)

        return run


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(durable_ids: bool = False, **changes: Any) -> Bench:
        changes = {key.replace("_", "-"): value for key, value in changes.items()}
        made.append(Bench(tmp_path, durable_ids, **changes))
        return made[-1]

    yield make
    for one in made:
        one.store.close()
