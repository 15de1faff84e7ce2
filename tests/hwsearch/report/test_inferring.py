"""What a run searched for, from its documents alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.budget import AtLeast
from hwsearch.report.inferring import settings, task_names
from tests.hwsearch.report import example
from tests.hwsearch.report.test_row import ANY_JOB
from tests.hwsearch.report.test_run_table import several


def jobs(points, sign=1.0, lower=False):
    """Documents with an objective and one bound: 0.5."""
    return [
        {
            "id": n,
            "status": "complete",
            "tasks": ["val_auc", "val_recall"],
            "values": {"val_auc": sign * a, "val_recall": r - 0.5 if lower else 0.5 - r},
            "measurements": {"metrics": {"val_auc": {"value": a}, "val_recall": {"value": r}}},
        }
        for n, (a, r) in enumerate(points, start=1)
    ]


def test_the_bound_is_told_from_what_was_measured():
    found = settings("run", example.jobs())
    assert (found.optimize, found.constraints, found.maximize) == ("error", {"power": 85.0}, False)


def test_direction_of_the_objective_and_of_the_bound():
    points = [(0.8, 0.3), (0.9, 0.7)]
    found = settings("run", jobs(points, sign=-1.0, lower=True))
    assert (found.maximize, found.constraints) == (True, {"val_recall": AtLeast(0.5)})
    found = settings("run", jobs(points))
    assert (found.maximize, found.constraints) == (False, {"val_recall": 0.5})


def test_of_a_single_network_the_direction_of_the_metric_decides():
    found = settings("run", jobs([(0.8, 0.3)], lower=True))
    assert found.constraints == {"val_recall": AtLeast(0.5)}
    assert settings("run", example.jobs()[:1]).constraints == {"power": 85.0}


def test_bounds_that_a_document_names_count():
    changed = example.jobs()
    changed[0]["bounds"] = {"power": 70.0}
    assert settings("run", changed).constraints == {"power": 70.0}


@pytest.mark.parametrize(
    "documents",
    [
        [],
        [{"id": 1, "tasks": ["branin", "disc"], "values": {"branin": 1.0, "disc": 1.0}}],
        [{"id": 1, "tasks": ["error", "power"], "values": {"error": 1.0, "power": 1.0}}],
        jobs([(0.8, 0.3), (0.9, 0.7)])[:1] + jobs([(0.8, 0.3), (0.9, 0.7)], lower=True)[1:],
    ],
)
def test_what_cannot_be_told_is_not_guessed(documents):
    assert settings("run", documents) is None


def test_names_of_tasks():
    assert task_names([]) == ("main",)
    assert task_names([{"values": {"b": 1, "a": 2}}]) == ("b", "a")
    assert task_names([{"values": {"a": 2}, "tasks": ["b", "a"]}]) == ("b", "a")


@given(st.lists(ANY_JOB, max_size=3))
def test_no_document_fails(documents):
    settings("run", documents)


def test_several_objectives():
    jobs = [
        several(n, 9.0 - n, 80.0 + n, macs=8.0) | {"tasks": ["error", "power", "macs"]}
        for n in (1, 2)
    ]
    found = settings("run", jobs)
    assert found is not None
    assert [(one.name, one.maximised) for one in found.objectives] == [
        ("error", False),
        ("power", False),
    ]
    assert found.constraints == {"macs": 20.0}
