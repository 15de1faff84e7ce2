"""Stored jobs of an experiment with one variable, an objective and two constraints."""

from __future__ import annotations

from typing import Any

from spearmint.config import Task, Variable
from spearmint.optimiser.space import Space

TASKS = (
    Task("error", objective=True),
    Task("power", objective=False),
    Task("ok", objective=False, likelihood="STEP"),
)
SPACE = Space([Variable("x", "FLOAT", 1, 0.0, 1.0)])
#: Two objectives and a constraint.
TWO = (Task("error", objective=True), Task("cost", objective=True), Task("power", objective=False))


def job(number: int, status: str = "complete", x: float = 0.5, **values: float) -> dict[str, Any]:
    """A document."""
    params = {"x": {"type": "float", "values": [x]}}
    return {"id": number, "status": status, "params": params, "values": values}
