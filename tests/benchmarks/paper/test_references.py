"""Orders of networks that no search can know."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.paper import learning, peers_report, references, replay


@pytest.mark.parametrize("method", references.ORDERS)
def test_each_network_within_the_budget_once_up_to_the_best_one(method: str) -> None:
    rows = references.within(15)
    assert all(replay.networks()[row].latency_s <= replay.bound(15) for row in rows)
    assert sorted(references.ORDERS[method](15, 3)) == rows
    found = references.search(method, 15, 3)["suggested"]
    assert found == references.ORDERS[method](15, 3)[: len(found)]
    errors = [learning.of_table()[row].final for row in rows]
    assert learning.of_table()[found[-1]].final == min(errors)


def test_another_training_gives_the_order() -> None:
    rows = references.by_other_training(40, 1)
    errors = [replay.networks()[row].error for row in rows]
    assert errors == sorted(errors)
    assert rows != references.by_other_training(40, 2), "equal errors are in a random order"
    # Which says something of the second training.
    finals = [learning.of_table()[row].final for row in rows]
    half = len(rows) // 2
    assert sum(finals[:half]) < sum(finals[half:])


def test_nothing_is_measured() -> None:
    run: dict[str, Any] = {"level": "gate", "share": 5} | references.search(
        "reference_random", 5, 1
    )
    ends, errors = peers_report.curve(run, 1)
    trained = sum(replay.networks()[row].train_s for row in run["suggested"])
    assert ends[-1] == pytest.approx(trained + replay.BUILD_S * len(ends))
    assert errors[-1] == min(learning.of_table()[row].final for row in references.within(5))
    assert len(references.within(references.NO_BUDGET)) == len(replay.networks())
