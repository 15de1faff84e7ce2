"""The table of live searches."""

from __future__ import annotations

from math import inf
from typing import Any

from benchmarks.paper import live_report


def trial(end_s: float, error: float | None, *, within: bool = True) -> dict[str, Any]:
    return {"end_s": end_s, "error": error, "runtime_s": 1e-5, "within": within}


def run(method: str, level: str, *trials: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return (method, level, 1), {"seconds": 100.0, "bound": 1e-5, "trials": trials}


OURS = run("hyperpower", "gate", trial(10, None, within=False), trial(20, 5.0), trial(60, 3.0))
GATE = run("optuna_tpe", "gate", trial(30, 6.0), trial(80, 4.0))
ALL = run("optuna_tpe", "all", trial(30, 2.0, within=False), trial(90, 7.0))


def test_only_trained_networks_within_the_budget_count() -> None:
    assert live_report.best(OURS[1], 15) == inf
    assert live_report.best(OURS[1], 59) == 5.0
    assert live_report.best(ALL[1], 100) == 7.0
    assert live_report.time_to(OURS[1], 4.0) == 60
    assert live_report.time_to(ALL[1], 4.0) == inf


def test_goal_is_what_the_best_peer_ends_with() -> None:
    assert live_report.goal(dict([OURS, GATE, ALL])) == 4.0
    assert live_report.goal(dict([OURS])) == inf


def test_table_has_a_row_for_each_method_and_level() -> None:
    rows = list(live_report.tables(dict([OURS, GATE, ALL])))
    assert rows[0] == "100 s each; budget 10.00 µs per image."
    other = {("hyperpower", "gate", 2): OURS[1] | {"bound": 2e-5}}
    assert (
        next(live_report.tables(dict([OURS]) | other))
        == "100 s each; budgets of 10.00 to 20.00 µs per image."
    )
    assert rows[4] == "| HyperPower | 1 | 5.00 | 5.00 | 3.00 | 60 | 0 of 1 | 3 | 2 | 0 % |"
    assert rows[5] == "| Optuna TPE, gate | 1 | inf | 6.00 | 4.00 | 80 | 0 of 1 | 2 | 2 | 0 % |"
    assert rows[6] == (
        "| Optuna TPE, trains all | 1 | inf | inf | 7.00 | inf | 1 of 1 | 2 | 2 | 50 % |"
    )
    assert list(live_report.tables({})) == []


def test_the_papers_methods_are_compared_with_their_unaware_ones() -> None:
    unaware = run("hw_ieci", "unaware", trial(40, 9.0, within=False), trial(70, 4.0))
    aware = run("hw_ieci", "gate", trial(5, None, within=False), trial(25, 4.0), trial(99, 3.0))
    without = run("random_walk", "unaware", trial(90, 9.0, within=False))
    rows = list(live_report.tables(dict([aware, unaware, without])))
    assert rows[1] == ""
    assert rows[4:] == [
        "| hw_ieci | HyperPower | 1 | 3 | 2 | 0 % | 4.00 | 4.00 | 3.00 | 1, 0, 0 | 25 | 0 of 1 |",
        "| hw_ieci | unaware | 1 | 2 | 2 | 50 % | inf | inf | 4.00 | - | 70 | 0 of 1 |",
        "| random_walk | unaware | 1 | 1 | 1 | 100 % | inf | inf | inf | - | none | 0 of 0 |",
    ]
    # Both tables, the peers' first; the paper's methods are not what HyperPower is aimed at.
    both = dict([OURS, GATE, ALL, aware, unaware])
    assert live_report.goal(both) == 4.0
    lines = list(live_report.tables(both))
    assert [lines.index(one) for one in ("", rows[4])] == [1, 10]
