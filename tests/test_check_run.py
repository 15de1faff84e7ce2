"""`.ci/check_run.py` accepts what the tool prints, and finds what differs from the database."""

from __future__ import annotations

import json
import math
import runpy
import sys
from pathlib import Path

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.report.summary import summary
from spearmint.database import connect

SCRIPT = Path(__file__).resolve().parents[1] / ".ci" / "check_run.py"
SETTINGS = Settings("run", "error", {"power": 85.0})
#: Error, watts and measurements of each job.
JOBS = [
    (9.0, 80.0, {"outcome": "trained", "metrics": {"power": {"value": 80.0}}}),
    (math.nan, 97.0, {"outcome": "rejected"}),
    (6.0, 84.0, {"outcome": "trained", "metrics": {"power": {"value": 84.0}}}),
]


@pytest.fixture
def experiment(tmp_path):
    made = Experiment(tmp_path)
    made.prepare()
    config = {
        "main-file": "mainrun.py",
        "experiment-name": "run",
        "variables": {"x": {"type": "INT", "min": 0, "max": 9}},
        "tasks": {"error": {"type": "OBJECTIVE"}, "power": {"type": "CONSTRAINT"}},
        "database": {"address": f"sqlite:{made.database_dir}/spearmint.sqlite"},
    }
    made.config_file.write_text(json.dumps(config))
    made.mainrun.write_text("def main(job_id, params): ...")
    made.save_settings(SETTINGS)
    with connect(config["database"]["address"]) as database:
        for number, (error, watts, measurements) in enumerate(JOBS, 1):
            made.rendered(number).write_text("pass")
            database.add_job("run", {"params": {"x": {"type": "int", "values": [number]}}})
            database.claim("run", number, "worker", 60.0)
            changes = {
                "status": "complete",
                "values": {"error": error, "power": 85.0 - watts},
                "measurements": measurements,
            }
            assert database.update("run", number, status="pending", attempt=1, changes=changes)
    return made


@pytest.fixture
def printed(experiment):
    with connect(f"sqlite:{experiment.database_dir}/spearmint.sqlite") as database:
        return summary(SETTINGS, database.jobs("run"), experiment)


def check(experiment, text, capsys, monkeypatch):
    log = experiment.folder / "log"
    log.write_text(text)
    monkeypatch.setattr(sys, "path", list(sys.path))
    status = runpy.run_path(str(SCRIPT))["main"]([str(experiment.folder), str(log)])
    return status, capsys.readouterr().err


def test_what_the_tool_prints_agrees(experiment, printed, capsys, monkeypatch):
    assert "3 networks: 2 trained, 1 rejected before training" in printed
    assert check(experiment, printed, capsys, monkeypatch) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("budget: job 3", "budget: job 1", "job 1 was printed as best; the least error is 6.0"),
        (
            "budget: job 3",
            "budget: job 2",
            "job 2 was printed as best, but is not under the budget",
        ),
        ("budget: job 3", "budget: none", "no best network under the budget was printed"),
        ("1 rejected", "2 rejected", "3 jobs, 1 of them rejected, but printed: 3 networks: "),
        ("3 networks", "4 networks", "3 jobs, 1 of them rejected, but printed: 4 networks: "),
        ("_keras_net.py", "_no_net.py", "the best network's script is not there"),
    ],
)
def test_differences_are_found(old, new, fault, experiment, printed, capsys, monkeypatch):
    assert old in printed
    status, errors = check(experiment, printed.replace(old, new), capsys, monkeypatch)
    assert status == 1
    assert errors.startswith(f"check_run.py: {fault}")
    assert errors.count("\n") == 1


def test_a_script_that_fails_is_found(experiment, printed, capsys, monkeypatch):
    experiment.rendered(3).write_text("raise SystemExit(1)")
    status, errors = check(experiment, printed, capsys, monkeypatch)
    assert (status, errors.split("_keras_net.py")[1]) == (1, " does not run by itself\n")
