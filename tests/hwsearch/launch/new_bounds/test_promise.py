"""Which networks to train first."""

from __future__ import annotations

from typing import Any

from hwsearch.experiment.settings import Settings
from hwsearch.launch.new_bounds.promise import ranked

SETTINGS = Settings("run", "error", {"power": 85.0})


def job(job_id: int, units: float, act: str, error: float | None = None) -> dict[str, Any]:
    return {
        "id": job_id,
        "status": "complete" if error is not None else "new",
        "params": {
            "units": {"type": "int", "values": [units]},
            "act": {"type": "enum", "values": [act]},
        },
        "values": None if error is None else {"error": error, "power": 1.0},
    }


def order(candidates: list[dict[str, Any]], known: list[dict[str, Any]]) -> list[int]:
    return [found["id"] for found in ranked(candidates, [*candidates, *known], SETTINGS)]


def test_those_that_resemble_good_networks_come_first() -> None:
    known = [job(1, 10, "relu", 30.0), job(2, 90, "relu", 5.0), job(3, 90, "elu", 60.0)]
    candidates = [job(4, 20, "relu"), job(5, 85, "elu"), job(6, 80, "relu")]
    assert order(candidates, known) == [6, 4, 5]


def test_without_knowledge_the_order_is_that_of_the_ids() -> None:
    assert order([job(5, 1, "relu"), job(4, 9, "elu")], []) == [4, 5]


def test_the_same_point_as_a_known_one() -> None:
    known = [job(1, 10, "relu", 30.0), job(2, 90, "relu", 5.0)]
    assert order([job(3, 10, "relu"), job(4, 90, "relu")], known) == [4, 3]


def test_of_a_maximised_metric_the_highest_is_the_most_promising() -> None:
    """Values are stored as the optimiser minimises them."""
    known = [job(1, 10, "relu", -0.5), job(2, 90, "relu", -0.9)]
    assert order([job(3, 20, "relu"), job(4, 80, "relu")], known) == [4, 3]
