"""The replay of HyperPower's search with paused trainings."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.paper import freeze_thaw, learning, peer_search, peers_report, replay

BUDGET = 40


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    space = peer_search.problem(BUDGET)
    run = freeze_thaw.search(space, 1, 9)
    return {"level": "gate", "share": BUDGET} | run


def test_trainings_advance_in_segments_and_the_gate_stays(found: dict[str, Any]) -> None:
    done: dict[int, int] = {}
    for row, epochs in zip(found["suggested"], found["epochs"], strict=True):
        within = replay.networks()[row].latency_s <= replay.bound(BUDGET)
        assert (epochs > 0) == within
        assert epochs == 0 or epochs == {0: 1, 1: 2, 2: 4, 4: 8}[done.get(row, 0)]
        done[row] = epochs
    assert len(done) == 9
    assert 8 in done.values()
    # Another training begins or continues between two segments of one.
    rows = found["suggested"]
    again = [place for place, row in enumerate(rows) if row in rows[:place]]
    assert any(rows[place - 1] != rows[place] for place in again)


def test_the_clock_counts_the_epochs_that_were_trained(found: dict[str, Any]) -> None:
    ends, errors = peers_report.curve(found, 1)
    done = dict(zip(found["suggested"], found["epochs"], strict=True))
    structures = {replay.networks()[row].values[:-1] for row in done}
    seconds = sum(learning.of_table()[row].seconds[epochs] for row, epochs in done.items())
    seconds += replay.BUILD_S * len(done) + replay.PROFILE_S * len(structures)
    seconds += replay.CONTINUE_S * (len(ends) - len(done))
    assert ends[-1] == pytest.approx(seconds)
    whole = [learning.of_table()[row].final for row, epochs in done.items() if epochs == 8]
    assert errors[-1] == min(whole)


def test_predictions_only_change_what_they_say(found: dict[str, Any]) -> None:
    space = peer_search.problem(BUDGET)
    silent = freeze_thaw.search(space, 1, 9, peer_search.table("off", BUDGET, 1))
    steps = len(silent["suggested"])
    # Such a search ends with the lowest error; without predictions, it is the same one until then.
    assert silent["suggested"] == found["suggested"][:steps]
    assert silent["epochs"] == found["epochs"][:steps]
    assert silent["built"][-1] == len(set(silent["suggested"]))


def test_with_predictions_networks_are_within_the_budget_and_pause() -> None:
    table = peer_search.table("6 %", 15, 1)
    found = freeze_thaw.search(peer_search.problem(15), 1, 6, table)
    rows = dict.fromkeys(found["suggested"])
    within = [replay.networks()[row].latency_s <= table.bound for row in rows]
    assert sum(within) > len(rows) / 2
    assert {1, 2} <= set(found["epochs"])
    assert list(found["built"]) == sorted(found["built"])
    assert found["built"][-1] > len(rows)
