from __future__ import annotations

from typing import Any

from spearmint.config import Task
from spearmint.control.front_table import MOST, front_table

TASKS = (
    Task("error", objective=True),
    Task("score", objective=True, negated=True),
    Task("power", objective=False),
)


def job(number: int, error: float) -> dict[str, Any]:
    values = {"error": error, "score": -2.0, "power": 0.25}
    params = {"x": {"type": "float", "values": [0.5, number]}}
    return {"id": number, "values": values, "params": params}


def test_there_is_one_row_per_job_and_more_of_a_score_is_shown_as_more() -> None:
    assert front_table(TASKS, [job(12, 0.125), job(3, 10.0)]).splitlines() == [
        "  job  error  score  power  x[0]  x[1]",
        "   12  0.125      2   0.25   0.5    12",
        "    3     10      2   0.25   0.5     3",
    ]


def test_a_long_front_is_cut() -> None:
    lines = front_table(TASKS, [job(i, i) for i in range(MOST + 2)]).splitlines()
    assert len(lines) == MOST + 2
    assert lines[-1] == "  and 2 more"
