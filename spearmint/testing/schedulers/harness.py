"""An experiment whose jobs run on a scheduler under test."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spearmint import config, processes
from spearmint.config import Config, Resource
from spearmint.database import Database, Document, connect
from spearmint.schedulers import Ended, Scheduler
from spearmint.worker.job_spec import JobSpec

Init = Callable[[Resource, Config], Scheduler]

EXPERIMENT = "e é"
PARAMS = {"x": {"type": "float", "values": [0.25]}}


@dataclass
class Harness:
    """An experiment in a folder, and the schedulers that its tests make.

    Args:
        folder: The experiment's folder, which is created.
        init: Makes the scheduler of a resource.
        patience_s: How long `wait_for` waits, in seconds.

    Attributes:
        db: The experiment's database, an SQLite file in the folder.
    """

    folder: Path
    init: Init
    patience_s: float
    db: Database = field(init=False)
    _made: list[Scheduler] = field(default_factory=list, init=False)
    _ended: dict[tuple[int, str], Ended] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        (self.folder / "out put").mkdir(parents=True)
        self.db = connect(self._address)

    @property
    def _address(self) -> str:
        return f"sqlite:{self.folder}/jobs.sqlite"

    def scheduler(self, **resource: Any) -> Scheduler:
        """A new scheduler.

        Args:
            **resource: Fields of its `Resource` that are not as usual.
        """
        found = config.parse(
            {
                "experiment-name": EXPERIMENT,
                "main-file": "objective.py",
                "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
                "database": {"address": self._address},
                "polling-time": 0.1,
                "output-subdir": "out put",
            },
            folder=self.folder,
            files=False,
            environ={},
        )
        made = self.init(replace(found.resources[0], **resource), found)
        self._made.append(made)
        return made

    def spec(self, code: str) -> JobSpec:
        """A new job.

        Args:
            code: The body of its objective, `main(i, p)`.
        """
        body = textwrap.indent(textwrap.dedent(code), "    ")
        text = f"import os, subprocess, sys, time\ndef main(i, p):\n{body}\n"
        job_id = self.db.add_job(EXPERIMENT, {"params": PARAMS})
        # Each job has an objective of its own: two of them may start at the same time.
        main_file = f"objective{job_id}.py"
        (self.folder / main_file).write_text(text, encoding="utf-8")
        return JobSpec(
            job_id=job_id,
            experiment=EXPERIMENT,
            folder=str(self.folder),
            output_subdir="out put",
            main_file=main_file,
            tasks=["main"],
            address=self._address,
            database="spearmint",
            lease_s=600.0,
        )

    def job(self, spec: JobSpec) -> Document:
        """The job as it is stored."""
        return self.db.job(EXPERIMENT, spec.job_id) or {}

    def is_left(self, spec: JobSpec) -> bool:
        """Whether no process works on a job that is not complete."""
        job = self.job(spec)
        return job["status"] == "new" or processes.has_ended(job.get("worker"))

    def output(self, spec: JobSpec) -> str:
        """What the job has printed."""
        return spec.output.read_text(encoding="utf-8") if spec.output.exists() else ""

    def wait_for(self, condition: Callable[[], Any], what: str) -> None:
        """Waits until a condition holds.

        Args:
            condition: Is called until it returns something true.
            what: The condition in words.
        """
        end = time.monotonic() + self.patience_s
        while not condition():
            assert time.monotonic() < end, f"{what}: not within {self.patience_s:g} s"
            time.sleep(0.05)

    def wait_until_began(self, spec: JobSpec) -> Document:
        """Waits until the objective has printed BEGAN; returns the job as it is stored."""
        self.wait_for(lambda: "BEGAN" in self.output(spec), f"job {spec.job_id} begins")
        return self.job(spec)

    def wait_until_gone(self, pid: int) -> None:
        """Waits until a process has ended."""
        self.wait_for(lambda: processes.identity(pid) is None, f"process {pid} ends")

    def poll(self, scheduler: Scheduler) -> None:
        """Polls a scheduler."""
        for ended in scheduler.poll():
            key = (id(scheduler), ended.proc_id)
            assert key not in self._ended, f"the end of {ended.proc_id} is reported twice"
            self._ended[key] = ended

    def has_ended(self, scheduler: Scheduler, proc_id: str) -> bool:
        """Polls a scheduler; returns whether it has reported the end of a process."""
        self.poll(scheduler)
        return (id(scheduler), proc_id) in self._ended

    def end_of(self, scheduler: Scheduler, proc_id: str) -> Ended:
        """Polls a scheduler until it reports the end of a process."""
        self.wait_for(lambda: self.has_ended(scheduler, proc_id), f"{proc_id} is reported as ended")
        return self._ended[id(scheduler), proc_id]

    def leave(self, scheduler: Scheduler) -> None:
        """Closes a scheduler, and leaves what it runs."""
        self._made.remove(scheduler)
        scheduler.close()

    def close(self) -> None:
        """Ends all that runs."""
        for scheduler in self._made:
            scheduler.stop(0.1)
            scheduler.close()
        self.db.close()
