"""The replay of searches with predicted costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.paper import replay
from benchmarks.paper.predicted_search import EXACT, Table, predicted, where_of
from spearmint.optimiser.pausing import Decision


def suggested(table: Table, count: int) -> tuple[list[int], int]:
    """Rows of the table, each of which is measured and found over the budget or not trained."""
    jobs: list[dict[str, Any]] = []
    rows = []
    with predicted(table, 1) as search:
        for number in range(1, count + 1):
            params = search.suggest(jobs)
            row = replay.rows()[where_of(params)]
            network = replay.networks()[row]
            left = 1e3 * (table.bound - network.latency_s)
            values = {"error": network.error if left >= 0 else np.nan, "latency": left}
            job = {"id": number, "params": params, "status": "complete", "values": values}
            jobs.append(job | search.of_last)
            rows.append(row)
        assert search.pausing(jobs, new=True) == Decision()
        assert bool(search.of_last) == (table.stated is not None)
        return rows, search.checker.checks


def test_without_predictions_it_is_the_default_search() -> None:
    rows, checks = suggested(Table(0.4, "off", 1), 6)
    assert rows == replay.search("auto", replay.HYPERPOWER, 40, 1, 6, 6)
    assert checks == len(rows)


def test_with_exact_predictions_few_networks_are_over_the_budget() -> None:
    table = Table(0.15, EXACT, 1)
    rows, checks = suggested(table, 6)
    assert sum(replay.networks()[row].latency_s <= table.bound for row in rows) >= len(rows) - 1
    assert checks > len(rows)


def test_predictions_have_the_stated_error_and_are_alike_for_one_structure() -> None:
    table = Table(0.15, "12 %, 30 % too high", 3)
    ratios = np.array([table.predicted[where] / cost for where, cost in table.costs.items()])
    assert np.median(ratios) == pytest.approx(1.3, rel=0.03)
    assert np.std(np.log(ratios)) == pytest.approx(0.12, rel=0.2)
    first, second = replay.networks()[0].values, replay.networks()[1].values
    assert first[:-1] == second[:-1]
    assert table.predicted[first] / table.costs[first] == pytest.approx(
        table.predicted[second] / table.costs[second]
    )
    mean, deviation = table.prediction(first)["latency"]
    assert mean == pytest.approx(1e3 * (table.bound - table.predicted[first]))
    assert deviation == pytest.approx(120 * table.predicted[first])


def test_lowest_error_is_that_within_the_budget() -> None:
    table = Table(0.05, "off", 1)
    within = [one.error for one in replay.networks() if one.latency_s <= table.bound]
    assert table.lowest == min(within) > min(one.error for one in replay.networks())
    assert table.target == table.lowest + 0.5
