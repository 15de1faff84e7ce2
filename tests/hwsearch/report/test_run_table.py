"""A run as one table."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.budget import AtLeast
from hwsearch.experiment.settings import Settings
from hwsearch.report.result import Result, best_of
from hwsearch.report.run_table import RunTable

SETTINGS = Settings("run", "error", {"power": 85.0})


def job(number, error, power, **document):
    values = {"error": error, "power": 85.0 - power}
    metrics = {"power": {"value": power}, "macs": {"value": 10}}
    outcome = "rejected" if math.isnan(error) else "trained"
    return {
        "id": number,
        "status": "complete",
        "values": values,
        "measurements": {
            "outcome": outcome,
            "metrics": metrics,
            "hyperparameters": {"units": number},
        },
        "end time": 100.0 - number,
    } | document


def ids(rows):
    return [row.job for row in rows]


JOBS = [
    job(1, 9.0, 70.0),
    job(2, math.nan, 97.5),
    job(3, 6.5, 84.0),
    job(4, 5.0, 90.0),
    job(5, math.nan, 86.0),
    {"id": 6, "status": "broken", "reason": "no data"},
    {"id": 7, "status": "pending"},
    job(8, 6.5, 84.0),  # as good as job 3, which is the first job
    job(9, 7.0, 84.0),
]


@pytest.fixture(scope="module")
def table():
    return RunTable.of_run(SETTINGS, JOBS)


def test_of_equal_objectives_the_point_is_that_of_the_best_row():
    jobs = [job(1, 6.5, 84.0, params={"a": 1}), job(2, 6.5, 70.0, params={"a": 2})]
    assert RunTable.of_run(SETTINGS, jobs).best_point(jobs) == {"a": 2}
    over = [job(1, 6.5, 90.0, params={"a": 1})]
    assert RunTable.of_run(SETTINGS, over).best_point(over) is None


def test_best_are_those_within_the_bounds(table):
    assert ids(table.best()) == [3, 8, 9, 1]
    assert ids(table.best(2)) == [3, 8]
    assert [column.name for column in table.columns] == ["error", "power", "macs"]
    assert (table.objective.name, [column.name for column in table.bounded]) == ("error", ["power"])
    assert table.hyperparameters == ("units",)


def test_the_front_has_equal_rows_and_those_over_the_bound(table):
    assert ids(table.front(table.bounded[0])) == [4, 3, 8, 1]


def test_over_a_bound_the_closest_is_first(table):
    assert ids(table.over(table.bounded[0])) == [5, 4, 2]


def test_progress_is_in_the_order_of_the_ends(table):
    found = [(row.job, best.job if best else None) for row, best in table.progress()]
    assert found == [(9, 9), (8, 8), (5, 8), (4, 8), (3, 3), (2, 3), (1, 3), (6, 3)]


def test_of_equal_objectives_the_one_furthest_below_its_bounds_is_the_best():
    """Not the network of the lowest power: it needs 99 % of its runtime."""
    settings = Settings("run", "error", {"power": 100.0, "runtime": 1e-4})
    costs = {1: (90.0, 5e-5), 2: (50.0, 9.9e-5), 3: (80.0, 7e-5), 4: (20.0, 1e-5)}
    jobs = [
        {
            "id": number,
            "status": "complete",
            "values": {"error": 2.0, "power": 100.0 - power, "runtime": 1e-4 - runtime},
        }
        for number, (power, runtime) in costs.items()
    ]
    jobs[3]["values"]["error"] = 2.1
    table = RunTable.of_run(settings, jobs)
    assert ids(table.best()) == [3, 1, 2, 4]
    assert best_of([Result.of(one, settings) for one in jobs], settings).job == 3
    assert [best.job for _, best in table.progress()] == [1, 1, 3, 3]


def test_more_is_better_where_it_is():
    settings = Settings("run", "val_auc", {"val_recall": AtLeast(0.5)}, maximize=True)
    jobs = [
        {
            "id": number,
            "status": "complete",
            "values": {"val_auc": -auc, "val_recall": recall - 0.5},
        }
        for number, auc, recall in ((1, 0.7, 0.9), (2, 0.9, 0.6), (3, 0.8, 0.55), (4, 0.95, 0.4))
    ]
    table = RunTable.of_run(settings, jobs)
    assert ids(table.best()) == [2, 3, 1]
    assert ids(table.front(table.bounded[0])) == [4, 2, 1]
    assert ids(table.over(table.bounded[0])) == [4]


def test_a_run_without_jobs():
    table = RunTable.of_run(SETTINGS, [])
    assert (table.best(), table.front(table.bounded[0]), list(table.progress())) == ([], [], [])


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(60, 64)), max_size=8))
def test_the_front_is_what_no_other_row_dominates(points):
    table = RunTable.of_run(
        SETTINGS, [job(n, float(error), float(power)) for n, (error, power) in enumerate(points)]
    )
    expected = {
        n
        for n, (error, power) in enumerate(points)
        if not any(e <= error and p <= power and (e, p) != (error, power) for e, p in points)
    }
    assert set(ids(table.front(table.bounded[0]))) == expected


TWO = Settings("run", "error", {"macs": 20.0}, further_objectives={"power": False})


def several(number, error, power, macs=10.0):
    return job(number, error, power) | {
        "values": {"error": error, "power": power, "macs": 20.0 - macs},
        "measurements": {
            "outcome": "trained",
            "metrics": {"power": {"value": power}, "macs": {"value": macs}},
        },
    }


def test_several_objectives_have_a_front():
    found = [
        several(1, 9.0, 70.0),
        several(2, 5.0, 90.0),
        several(3, 9.0, 80.0),  # dominated
        several(4, 1.0, 10.0, macs=30.0),  # over the bound
        several(5, 5.0, 90.0),
        several(6, math.nan, 10.0),
    ]
    table = RunTable.of_run(TWO, found)
    assert [column.name for column in table.objectives] == ["error", "power"]
    assert ids(table.best()) == [2, 5, 1]
    assert ids(table.best(1)) == [2]
    maximised = RunTable.of_run(replace(TWO, maximize=True), found)
    assert [row.value(maximised.objective) for row in maximised.best()] == [-5.0, -5.0, -9.0]
