"""Bounds that exclude nothing."""

from __future__ import annotations

import pytest

from hwsearch.experiment.settings import Settings
from hwsearch.report.loose_bounds import loose_bounds, may_be_loose
from hwsearch.report.result import Result


def results(settings: Settings, *costs: float | None) -> list[Result]:
    """Complete jobs, as the database keeps them: bound - measured."""
    (name,) = settings.constraints
    bound = settings.constraints[name]
    jobs = [
        {
            "id": number,
            "status": "complete",
            "values": {"error": 5.0, name: None if cost is None else bound - cost},
        }
        for number, cost in enumerate(costs, 1)
    ]
    return [Result.of(job, settings) for job in jobs]


ENERGY = Settings("run", "error", {"energy": 90.0})


def test_a_bound_of_the_2018_tool() -> None:
    (line,) = loose_bounds(ENERGY, results(ENERGY, 0.001, 0.002, None, 0.0015))
    assert line == (
        "note: energy: the largest of 3 networks has 2 mJ/image, less than a hundredth of the "
        "bound, 90 J/image, which excludes none of them; --constraint_val 33% finds a bound for "
        "this machine; in the 2018 tool, energy had another meaning: docs/from-2018.md"
    )


def test_other_metrics_did_not_change() -> None:
    settings = Settings("run", "error", {"power": 1e5})
    (line,) = loose_bounds(settings, results(settings, 80.0, 90.0, 85.0))
    assert line.startswith("note: power: the largest of 3 networks has 90 W, less than a hundredth")
    assert "2018" not in line


@pytest.mark.parametrize(
    ("costs", "may_be"),
    [
        ((), True),
        ((0.001, 0.001), True),  # too few
        ((0.001, 0.001, 0.9), False),  # one within a factor of 100
        ((0.001, 0.001, 0.001, 100.0), False),  # one over the bound
        ((None, None, None), True),
    ],
)
def test_nothing_to_say(costs: tuple[float, ...], may_be: bool) -> None:
    found = results(ENERGY, *costs)
    assert loose_bounds(ENERGY, found) == []
    assert may_be_loose(ENERGY, found) == may_be


def test_the_error_is_no_cost() -> None:
    settings = Settings("run", "runtime", {"error": 90.0})
    jobs = [{"id": n, "status": "complete", "values": {"error": 89.9}} for n in range(9)]
    assert loose_bounds(settings, [Result.of(job, settings) for job in jobs]) == []
    assert not may_be_loose(settings, [])
