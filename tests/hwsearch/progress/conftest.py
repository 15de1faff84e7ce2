"""A search with two hyper-parameters and two budgets, whose jobs are given by tests."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hwsearch.budget import AtLeast
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome, Quantity
from hwsearch.progress.search import Search
from hwsearch.template import Template

TEMPLATE = """\
lr = HYPERPARAM{"type": "FLOAT", "token": "learning_rate", "transform": "NEGEXP10", "min": 0, \
"max": 5}
act = HYPERPARAM{"type": "ENUM", "token": "act", "options": ["relu", "elu"]}
"""
PARAMS = {
    "learning_rate": {"type": "float", "values": [0.5]},
    "act": {"type": "enum", "values": ["relu"]},
}
SETTINGS = Settings("run", "error", {"runtime": 9.6e-6, "val_auc": AtLeast(0.9)})


@dataclass
class Jobs:
    """Job documents by id, as the optimiser stores them."""

    documents: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add(
        self,
        job_id: int,
        error: float = math.nan,
        runtime: float = math.nan,
        auc: float = math.nan,
        outcome: Outcome | None = Outcome.TRAINED,
        as_job: int | None = None,
        predicted: float | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        metrics = {
            "error": Quantity(error, std_error=0.4),
            "runtime": Quantity(runtime, std_error=5e-8),
            "val_auc": Quantity(auc),
        }
        known = {name: entry for name, entry in metrics.items() if not math.isnan(entry.value)}
        measured = Measurements(
            outcome=outcome,
            hyperparameters={"learning_rate": 0.31622776, "act": "relu"},
            metrics=known,
            predicted={} if predicted is None else {"runtime": Quantity(predicted, 4e-7)},
            as_job=as_job,
        )
        document = {
            "id": job_id,
            "status": "complete",
            "params": PARAMS,
            "values": {"error": error, "runtime": 9.6e-6 - runtime, "val_auc": auc - 0.9},
            "measurements": measured.to_json(),
            "start time": 100.0,
            "end time": 190.0,
        } | more
        self.documents[job_id] = document
        return document


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


@pytest.fixture
def template(tmp_path: Path) -> Template:
    path = tmp_path / "network_def.py"
    path.write_text(TEMPLATE)
    return Template.from_file(path)


@pytest.fixture
def search(jobs: Jobs, template: Template) -> Search:
    return Search(SETTINGS, template, lambda: list(jobs.documents.values()), jobs.documents.get)


Expect = Callable[..., dict[str, Any]]


@pytest.fixture
def expected_event() -> Expect:
    def event(probability: float = 0.93) -> dict[str, Any]:
        return {
            "event": "expected",
            "params": PARAMS,
            "values": {"error": 2.5, "runtime": 1e-7, "val_auc": 0.01},
            "spread": {"error": 0.3, "runtime": 2e-7, "val_auc": 0.02},
            "probability": probability,
            "confident": probability > 0.99,
        }

    return event
