"""Runs of an experiment whose optimiser ends at once, and whose database has no results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.launch.command.request import Request
from hwsearch.launch.launching import launch
from hwsearch.launch.optimiser import Optimiser

TEMPLATE = 'lr = HYPERPARAM{"type": "FLOAT", "token": "lr", "min": 0.1, "max": 1}\n'


@dataclass
class Database:
    """A database that keeps some runs; none of their jobs is complete."""

    address: str = "host:1"
    kept: set[str] = field(default_factory=set)
    asked: list[bool] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    fails: bool = False
    no_batch_system: bool = False

    def open(self, document: dict[str, Any], experiment: Experiment) -> Database:
        self.documents.append(document)
        return self

    def runs(self, *, create: bool) -> set[str]:
        self.asked.append(create)
        return self.kept

    def jobs(self, name: str) -> list[dict[str, Any]]:
        if self.fails:
            raise UserError("cannot be reached")
        return []

    def running(self, name: str) -> list[int]:
        return []

    def check_schedulers(self) -> None:
        if self.no_batch_system:
            raise UserError("sbatch not on PATH")


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """An experiment whose optimiser, ours, is a program that ends at once."""
    made = Experiment(tmp_path / "experiment")
    made.template.parent.mkdir(parents=True)
    made.template.write_text(TEMPLATE)
    main = tmp_path / "main.py"
    main.write_text("")
    monkeypatch.setattr(Optimiser, "chosen", lambda open_results: Optimiser(main, open_results))
    monkeypatch.setattr("time.strftime", lambda _: "hyperpower-1")
    return made


Start = Callable[..., int]


@pytest.fixture
def start(experiment: Experiment, database: Database) -> Start:
    def started(
        enqueue: Any = None, learn_from: Any = None, settings: Any = None, **asked: Any
    ) -> int:
        given: dict[str, Any] = {} if enqueue is None else {"enqueue": enqueue}
        given |= {} if learn_from is None else {"learn_from": learn_from}
        given |= settings or {}
        given |= {} if asked.get("resume") else {"optimize": "error", "epochs": 1}
        request = Request(str(experiment.folder), given=given, **asked)
        return launch(request, database.open)

    return started
