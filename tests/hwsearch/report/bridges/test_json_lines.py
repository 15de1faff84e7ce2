"""One line of JSON per job."""

from __future__ import annotations

import json
import math

from hwsearch.report.bridges.json_lines import as_json_lines
from tests.bridges.with_tools import jobs, table


def test_config_summary_and_history() -> None:
    text = as_json_lines(table(jobs()))
    first, second, rejected, broken, running = map(json.loads, text.splitlines())
    assert first["config"] == {"units": 16, "drop": 0.2, "kernel": [3, 3]}
    assert first["summary"] == {
        "val_auc": 0.75,
        "power": 84.5,
        "power_std_error": 0.5,
        "feasible": True,
    }
    assert first["history"] == [
        {"epoch": 1, "val_auc": 0.375, "loss": 0.5},
        {"epoch": 2, "val_auc": 0.75},
    ]
    assert first["units"] == {"power": "W"}
    assert first["ended"] - first["started"] == 60
    assert (second["summary"]["feasible"], second["config"]["odd ü"]) == (False, 4)
    assert (rejected["state"], rejected["reason"]) == ("rejected", "over")
    assert "val_auc" not in rejected["summary"]
    assert broken["state"] == "broken"
    assert running == {
        "run": "hyperpower-1 é",
        "job": 5,
        "state": "running",
        "config": {},
        "summary": {"feasible": False},
        "history": [],
        "units": {"power": "W"},
    }
    assert as_json_lines(table([])) == ""


def test_numbers_that_are_not_finite_are_left_out() -> None:
    document = jobs()[0]
    document["measurements"]["test_error"] = math.inf
    [line] = as_json_lines(table([document])).splitlines()
    assert "test_error" not in json.loads(line)["summary"]
