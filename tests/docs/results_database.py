"""The small database that docs/results.md queries, and the queries of that page."""

from __future__ import annotations

import math
import re
from typing import Any

from hwsearch.budget import margin
from hwsearch.measurements import Measurements, Outcome, Quantity
from spearmint.database import Database
from tests.docs.documents import ROOT, Block, blocks

PAGE = ROOT / "docs" / "results.md"
RUN, EARLIER = "hyperpower-20260102-030405", "hyperpower-20260101-120000"
MARK = "@@@@"


def queries(language: str) -> list[Block]:
    """The page's queries in one language; at least six."""
    found = blocks(PAGE, language)
    assert len(found) >= 6
    return found


def fill(db: Database) -> None:
    """Six jobs of a search for the lowest error below 85 W, and an earlier run of one job."""
    outcomes: list[tuple[int, str, float | None, float | None, float, float]] = [
        (12, "elu", 9.25, 80.5, 0.5, 60.0),
        (18, "relu", math.nan, 97.5, 0.75, 5.0),
        (16, "relu", 6.5, 84.25, 0.5, 75.0),
        (10, "elu", None, None, 0.0, 1.0),
        (14, "elu", 7.75, 72.0, 0.25, 45.0),
        (15, "elu", None, None, 0.0, 0.0),
    ]
    for number, (conv, act, error, watts, spread, seconds) in enumerate(outcomes, start=1):
        params = {
            "conv": {"type": "int", "values": [conv]},
            "act": {"type": "enum", "values": [act]},
        }
        db.add_job(RUN, {"params": params, "tasks": ["error", "power"]})
        if number == 6:
            continue
        claimed = db.claim(RUN, number, "worker", 60.0)
        assert claimed is not None
        changes: dict[str, Any] = {"status": "complete"}
        if error is None or watts is None:
            fault = (
                "model: is not compiled; call model.compile(optimizer=..., loss=...) in the script"
            )
            changes = {"status": "broken", "reason": f"keras_model/network_def.py: {fault}"}
        else:
            power = Quantity(
                watts, std_error=spread, unit="W", source="nvml: power.draw (integrated)"
            )
            changes["values"] = {"error": error, "power": margin(85.0, watts)}
            changes["measurements"] = Measurements(
                Outcome.REJECTED if math.isnan(error) else Outcome.TRAINED,
                hyperparameters={"conv": 2 * conv, "act": act},
                metrics={"power": power},
            ).to_json()
        if number == 2:
            changes["reason"] = (
                "rejected before training: power 97.5 ± 0.8 W is over the budget of 85 W"
            )
        start = 1_767_323_045.0 + 100 * number  # whole seconds: their difference is exact
        changes |= {"start time": start, "end time": start + seconds}
        assert db.update(RUN, number, status="pending", attempt=1, changes=changes)
    hypers = {
        "error": {"kernel": "matern52", "theta": [-0.5, 1.1, 0.8], "noise": 0.01},
        "power": {"kernel": "gaussian", "theta": [0.4, -0.2, 0.6], "noise": 0.001},
    }
    db.save_hypers(RUN, hypers)
    db.add_job(EARLIER, {"params": {}})
    db.save_hypers(EARLIER, {})


def cells(text: str) -> list[list[str]]:
    """A table's cells: what two or more spaces part. Widths differ between versions."""
    lines = [line for line in text.splitlines() if line.strip() and set(line) - set("- ")]
    return [re.split(r" {2,}", line.strip()) for line in lines]
