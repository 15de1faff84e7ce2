"""A small run of which every kind of end is known, as documents and as a folder with a database."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from hwsearch.experiment import Experiment, Settings
from hwsearch.launch import handover
from hwsearch.template import Template
from spearmint.database import Database, connect

RUN = "hyperpower-20260102-030405"
FORMER = "hyperpower-20260101-120000"
TEMPLATE = (
    'a = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 99, "transform": "X2"}\n'
    'b = HYPERPARAM{"type": "ENUM", "token": "akté", "options": ["relu", "</script>"]}\n'
)
SETTINGS = Settings(
    RUN,
    "error",
    {"power": 85.0},
    max_finished_jobs=9,
    database="sqlite:../mongodb/spearmint.sqlite",
)
NAN = math.nan
#: Error, power, outcome or status, and the reason, of jobs 1, 2, ...
ENDS: list[tuple[float, float, str, str | None]] = [
    (9.0, 70.0, "trained", None),
    (NAN, 97.5, "rejected", "rejected before training: power 97.5 W is over the budget of 85 W"),
    (6.5, 84.0, "trained", None),
    (5.0, 90.0, "stopped", None),
    (NAN, 80.0, "diverged", "training diverged: loss is NaN in epoch 1"),
    (NAN, 80.0, "diverged", "training diverged: loss is NaN in epoch 3"),
    (NAN, NAN, "broken", "x\x1b[2J\nmodel: is not compiled"),
    (NAN, NAN, "pending", None),
]


def jobs(folder: str = "/nowhere/spearmint") -> list[dict[str, Any]]:
    """The documents of the run."""
    found = []
    for number, (error, power, end, reason) in enumerate(ENDS, start=1):
        units, act = 10 * number, ["relu", "</script>"][number % 2]
        job: dict[str, Any] = {
            "id": number,
            "status": end if end in ("broken", "pending") else "complete",
            "attempt": 1,
            "worker": None,
            "lease": None,
            "params": {
                "units": {"type": "int", "values": [units]},
                "akté": {"type": "enum", "values": [act]},
            },
            "tasks": ["error", "power"],
            "expt_dir": folder,
            "main-file": "mainrun.py",
            "reason": reason,
            "submit time": 1000.0 + 100 * number,
            "start time": 1001.0 + 100 * number,
            "suggestion seconds": 0.5,
        }
        if end != "pending":
            job["end time"] = 1061.0 + 100 * number
        if job["status"] == "complete":
            job["values"] = {"error": error, "power": 85.0 - power}
            metrics = {"power": {"value": power, "std_error": 0.5, "unit": "W"}}
            if math.isfinite(error):
                metrics["error"] = {"value": error, "unit": "%"}
            job["measurements"] = {
                "outcome": end,
                "metrics": metrics,
                "hyperparameters": {"units": 2 * units, "akté": act},
                "seconds": {"build": 1.0, "measure": 9.0, "train": 40.0},
                "history": {"error": [20.0, 9.0]},
            }
        found.append(job)
    return found


def made(folder: Path, name: str = RUN) -> Experiment:
    """A folder with the run in place, its jobs in an SQLite file."""
    experiment = Experiment(folder)
    experiment.prepare()
    experiment.template.parent.mkdir(exist_ok=True)
    experiment.template.write_text(TEMPLATE, encoding="utf-8")
    template = Template.from_file(experiment.template)
    settings = Settings.from_json(SETTINGS.to_json() | {"experiment_name": name})
    experiment.save_template(template)
    experiment.save_settings(settings)
    experiment.mainrun.write_text("", encoding="utf-8")
    experiment.config_file.write_text(
        json.dumps(handover.config(settings, template)), encoding="utf-8"
    )
    for number in range(1, len(ENDS) + 1):
        experiment.rendered(number).write_text("", encoding="utf-8")
        (experiment.output_dir / f"{number:08d}.out").write_text("", encoding="utf-8")
    with database(experiment) as store:
        store.restore(name, jobs(str(experiment.spearmint_dir)))
        store.save_hypers(name, {"error": {}})
    return experiment


def database(experiment: Experiment) -> Database:
    """The SQLite file of a folder."""
    return connect(f"sqlite:{experiment.database_dir / 'spearmint.sqlite'}")
