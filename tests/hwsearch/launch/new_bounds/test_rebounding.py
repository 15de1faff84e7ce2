"""A run that continues under other bounds, in both databases."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import gener_experiment
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.launch import handover
from hwsearch.launch.new_bounds.rebounding import follow_bounds
from hwsearch.template import Template
from spearmint.database import Database, connect
from spearmint.processes import identity

NOWHERE = Path("nowhere.py")
TEMPLATE = Template.parse('a = HYPERPARAM{"type": "INT", "token": "a", "min": 1, "max": 9}\n')
NAN = math.nan


class Run:
    """A run with four finished jobs: two trained, one diverged, one rejected at 90 W."""

    def __init__(self, folder: Path, address: str) -> None:
        self.experiment = Experiment(folder)
        self.experiment.prepare()
        self.settings = Settings("run", "error", {"power": 85.0}, database=address)
        self.experiment.save_settings(self.settings)
        document = handover.config(self.settings, TEMPLATE)
        self.results = gener_experiment.Results(document, self.experiment)
        self.store: Database = connect(address)
        self.store.drop("run")
        for error, power, outcome in (
            (3.0, 80.0, "trained"),
            (5.0, 60.0, "trained"),
            (NAN, 60.0, "diverged"),
            (NAN, 90.0, "rejected"),
        ):
            self.add()
            number = len(self.jobs)
            self.store.claim("run", number, "somebody", 60.0)
            self.finish(number, error, power, outcome)
        self.experiment.save_best(
            BestNetwork("run", 1, "error", 3.0, test_error=4.0, model="tmp/best_model.keras")
        )

    def add(self) -> int:
        params = {"a": {"type": "int", "values": [len(self.jobs) + 1]}}
        return self.store.add_job("run", {"params": params, "tasks": ["error", "power"]})

    def finish(self, number: int, error: float, power: float, outcome: str) -> None:
        metrics = {"power": {"value": power}}
        if not math.isnan(error):
            metrics["error"] = {"value": error}
        changes = {
            "status": "complete",
            "values": {"error": error, "power": 85.0 - power},
            "reason": "rejected before training: x" if outcome == "rejected" else None,
            "measurements": {"outcome": outcome, "metrics": metrics},
        }
        assert self.store.update("run", number, status="pending", attempt=1, changes=changes)

    @property
    def jobs(self) -> list[dict[str, Any]]:
        return self.store.jobs("run")

    def follow(self, power: float) -> Settings:
        former = [*self.settings.former_constraints, self.settings.to_json()["constraints"]]
        new = replace(self.settings, constraints={"power": power}, former_constraints=former)
        follow_bounds(new, self.experiment, self.results, NOWHERE)
        self.settings = new
        return new


@pytest.fixture(params=["sqlite", "mongodb"])
def run(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any) -> Iterator[Run]:
    monkeypatch.delenv("SPEARMINT_DB_ADDRESS", raising=False)
    address = f"sqlite:{tmp_path}/jobs.sqlite"
    if request.param == "mongodb":
        address = request.getfixturevalue("mongo_address")
    made = Run(tmp_path / "experiment", address)
    yield made
    made.store.close()


def test_a_tighter_bound(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    new = run.follow(70.0)
    assert [job["values"]["power"] for job in run.jobs] == [-10.0, 10.0, 10.0, -20.0]
    assert {job["status"] for job in run.jobs} == {"complete"}
    assert run.experiment.load_settings() == new
    best = run.experiment.best("run")
    assert best is not None
    assert (best.job, best.objective, best.model, best.former_job) == (2, 5.0, None, 1)
    assert capsys.readouterr().out == (
        "bounds changed from power below 85 W to power below 70 W: "
        "1 of the 2 trained networks meet the new ones\n"
    )
    before = run.jobs
    follow_bounds(new, run.experiment, run.results, NOWHERE)
    assert repr(run.jobs) == repr(before)
    assert capsys.readouterr().out == ""


def test_a_looser_bound_and_back(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.follow(95.0)
    assert [job["status"] for job in run.jobs] == ["complete"] * 3 + ["new"]
    assert "1 rejected network meets the new bounds and will be trained first" in (
        capsys.readouterr().out
    )
    assert run.store.claim("run", 4, "somebody", 60.0)
    changes = {
        "status": "complete",
        "values": {"error": 2.0, "power": 5.0},
        "measurements": {"outcome": "trained", "metrics": {"power": {"value": 90.0}}},
        "reason": None,
    }
    assert run.store.update("run", 4, status="pending", attempt=2, changes=changes)
    run.follow(85.0)
    again = run.jobs[3]
    assert again["values"] == {"error": 2.0, "power": -5.0}
    assert [entry["bounds"]["power"] for entry in again["earlier"]] == [85.0, 95.0]
    assert again["earlier"][0]["measurements"]["outcome"] == "rejected"
    best = run.experiment.best("run")
    assert best is not None
    assert (best.job, best.test_error) == (1, 4.0)


def test_a_bound_that_no_network_meets(run: Run) -> None:
    run.follow(50.0)
    assert run.experiment.best("run") is None


def test_bounds_do_not_change_under_a_running_job(run: Run) -> None:
    number = run.add()
    run.store.claim("run", number, identity(), 60.0)
    before = repr(run.jobs)
    with pytest.raises(UserError, match="got other bounds while job 5 may still run"):
        run.follow(70.0)
    assert repr(run.jobs) == before
    assert run.experiment.load_settings().constraints == {"power": 85.0}


def test_a_new_percentage_is_determined_on_the_gpu_of_the_jobs(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def bounds(
        settings: Settings, experiment: Experiment, program: Path, gpu: str = "", *, plain: bool
    ) -> dict[str, float]:
        asked.append((settings.shares, gpu))
        return {"power": 70.0}

    monkeypatch.setattr("hwsearch.launch.new_bounds.rebounding.calibrate.bounds", bounds)
    former = [run.settings.to_json()["constraints"]]
    new = replace(
        run.settings, constraints={"power": NAN}, shares={"power": 50.0}, former_constraints=former
    )
    follow_bounds(new, run.experiment, run.results, NOWHERE, "GPU-1")
    assert asked == [({"power": 50.0}, "GPU-1")]
    assert run.experiment.load_settings().constraints == {"power": 70.0}
