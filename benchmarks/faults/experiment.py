"""A folder with config.json and an objective, and the one command that starts and continues it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.faults import event_log, processes
from benchmarks.faults.event_log import Event
from spearmint.database import connect

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
#: The name of every experiment's database on a MongoDB server.
DATABASE = "faults"


@dataclass(slots=True)
class Experiment:
    """One experiment.

    Args:
        home: A new folder for everything: log, what the command prints, and by default DIR.
        address: The database.
        objective: A module of `objectives`.
        jobs: `max-finished-jobs`.
        more: Further keys of config.json.
        variables: Further variables of the environment.
        folder: DIR, if it is elsewhere.

    Attributes:
        name: Its name in the database, and the mark of its processes.
    """

    home: Path
    address: str
    objective: str
    jobs: int
    more: Mapping[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    folder: Path = Path()

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        if self.folder == Path():
            self.folder = self.home / "experiment"
        self.folder.mkdir(exist_ok=True)
        config = {
            "experiment-name": self.name,
            "main-file": "objective.py",
            "variables": {
                name: {"type": "FLOAT", "size": 1, "min": 0, "max": 1} for name in ("x", "y")
            },
            "chooser": "random_search",
            "database": {"name": DATABASE, "address": self.address},
            "polling-time": 0.2,
            "max-finished-jobs": self.jobs,
            "max-concurrent": 2,
            **self.more,
        }
        (self.folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        source = HERE / "objectives" / f"{self.objective}.py"
        shutil.copy(source, self.folder / "objective.py")

    @property
    def name(self) -> str:
        return "-".join(self.home.parts[-2:])

    @property
    def printed(self) -> Path:
        """What the commands printed, one after the other."""
        return self.home / "printed.txt"

    @property
    def log(self) -> Path:
        """The objective's own log."""
        return self.home / "log.jsonl"

    def events(self) -> list[Event]:
        return event_log.read(self.log)

    def stored(self) -> list[dict[str, Any]]:
        """The jobs in the database."""
        with connect(self.address, DATABASE) as store:
            return store.jobs(self.name)

    def environ(self) -> dict[str, str]:
        """The environment of its processes."""
        inherited = {k: v for k, v in os.environ.items() if k != "SPEARMINT_DB_ADDRESS"}
        own = {processes.MARK: self.name, event_log.FILE: str(self.log)}
        return {**inherited, **own, **self.variables}

    def start(self) -> subprocess.Popen[bytes]:
        """The command, always the same one."""
        command = [sys.executable, str(ROOT / "spearmint" / "main.py"), str(self.folder)]
        with self.printed.open("ab") as out:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.environ()
            )
