"""Runs to make pages of: documents as a search stores them, with names that attack a page."""

from __future__ import annotations

import json
import math
from typing import Any

from hwsearch.experiment import Settings
from hwsearch.launch import handover
from hwsearch.report.page.document import Source
from hwsearch.report.run_table import RunTable
from hwsearch.template import Template
from spearmint.analysis import analyse
from spearmint.config import parse
from spearmint.optimiser.candidates import design
from spearmint.optimiser.space import Space

EVIL = "</script><img src=x onerror=alert(1)>"
REASON = "ValueError: <b>bold</b> %{x} $x$ 'quoted\" & \u2028"
TEMPLATE = f"""
units = HYPERPARAM{{"type": "INT", "token": "units", "transform": "X8", "min": 1, "max": 16}}
rate = HYPERPARAM{{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 1, "max": 4}}
kind = HYPERPARAM{{"type": "ENUM", "token": "kind", "options": ["relu", {json.dumps(EVIL)}]}}
name = HYPERPARAM{{"type": "ENUM", "token": "<b>name</b>", "options": ["elu", "tanh"]}}
"""
SETTINGS = Settings("hyperpower-1", "error", {"runtime": 6e-6}, database="sqlite:jobs.sqlite")


def template() -> Template:
    return Template.parse(TEMPLATE)


def problem(settings: Settings = SETTINGS) -> Any:
    return parse(handover.config(settings, template()), folder=None, files=False).problem


def jobs(count: int, settings: Settings = SETTINGS, epochs: int = 5) -> list[dict[str, Any]]:
    """Job documents; those over the budget were rejected, and job 5 broke."""
    space = Space(problem(settings).variables)
    points = [space.decode(row) for row in design(space, count, 0)]
    return [_job(n, params, epochs) for n, params in enumerate(points, start=1)]


def _job(number: int, params: dict[str, Any], epochs: int) -> dict[str, Any]:
    script = template().active_values(params)
    runtime = 2e-6 + 5e-8 * script["units"]
    error = 3 + abs(math.log10(script["rate"]) + 2.2) * 8 + 100 / script["units"]
    job: dict[str, Any] = {
        "id": number,
        "status": "complete",
        "params": params,
        "attempt": 1,
        "submit time": 1e9 + 60 * number,
        "start time": 1e9 + 60 * number + 1,
        "end time": 1e9 + 60 * number + 50,
    }
    if number == 5:
        return job | {"status": "broken", "reason": REASON}
    metrics = {"runtime": {"value": runtime, "std_error": runtime / 50, "unit": "s/image"}}
    measurements: dict[str, Any] = {"outcome": "rejected", "hyperparameters": script}
    measurements["metrics"] = metrics
    values = {"error": math.nan, "runtime": 6e-6 - runtime}
    if values["runtime"] >= 0:
        values["error"] = error
        metrics["error"] = {"value": error, "std_error": 0.5, "unit": "%"}
        curve = [error + 40 / epoch for epoch in range(1, epochs + 1)]
        measurements |= {"outcome": "trained", "epochs": epochs, "history": {"error": curve}}
    return job | {"values": values, "measurements": measurements}


def source(count: int = 24, **changes: Any) -> Source:
    """The source of a page with the models' view."""
    documents = jobs(count)
    table = RunTable.of_run(SETTINGS, documents, template())
    known: dict[str, Any] = {"written": "today", "template": template()}
    if "analysis" not in changes:
        known["analysis"] = analyse(problem(), documents)
    return Source(table, **(known | changes))
