"""HyperPower beside Optuna and Ax, with peers that need no environment of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any

import pytest

from benchmarks.optimiser.peers import random_search
from benchmarks.optimiser.peers.peer import PruningPeer
from benchmarks.paper import learning, peer_search, peers, peers_report, replay


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("peers") / "results.jsonl"
    command(file)
    return file


def command(file: Path) -> None:
    limits = ["--seeds", "1", "--trainings", "3", "--evaluations", "6", "--shares", "40"]
    methods = ["--methods", "hyperpower_6", "random"]
    assert peers.main([*methods, *limits, "--results", str(file)]) == 0


def test_every_search_once_and_none_again(results: Path) -> None:
    before = results.read_text()
    assert set(peers.read(results)) == {
        ("hyperpower_6", "gate", 40, 1),
        ("random", "gate", 40, 1),
        ("random", "all", 40, 1),
    }
    # What a killed run lacks is run again; the rest is not.
    results.write_text("".join(before.splitlines(keepends=True)[:-1]))
    command(results)
    assert set(peers.read(results)) == {
        (entry["method"], entry["level"], entry["share"], entry["seed"])
        for entry in map(json.loads, before.splitlines())
    }
    assert results.read_text().splitlines()[:2] == before.splitlines()[:2]


def test_the_gate_measures_and_does_not_train(results: Path) -> None:
    found = peers.read(results)
    assert len(found["random", "all", 40, 1]["suggested"]) == 6
    gated = found["random", "gate", 40, 1]
    ends, errors = peers_report.curve(gated, 1)
    seconds = 0.0
    best = inf
    assert len(set(gated["suggested"])) == len(gated["suggested"])
    structures = [replay.networks()[row].values[:-1] for row in gated["suggested"]]
    assert len(set(structures)) == len(structures)
    for row, end, error in zip(gated["suggested"], ends, errors, strict=True):
        network = replay.networks()[row]
        seconds += replay.BUILD_S + replay.PROFILE_S
        if network.latency_s <= replay.bound(40):
            seconds += network.train_s
            best = min(best, learning.of_table()[row].final)
        assert end == pytest.approx(seconds)
        assert error == best


def test_the_default_chooser_suggests_what_the_replay_does() -> None:
    expected = replay.search("auto", replay.HYPERPOWER, 40, 1, 6, 6)
    found = peer_search.search("hyperpower", True, 40, 1, 6, "worst")
    assert found["suggested"] == expected


def test_clock_counts_candidates_that_were_built_and_looks_repeated_networks_up() -> None:
    first = replay.networks()[0]
    run = {"suggested": [0, 0], "level": "all", "share": 100, "built": [4, 4]}
    # Four candidates, one of which is built again in its job.
    assert peers_report.curve(run, 10)[0] == pytest.approx([1.5 + 10 * first.train_s] * 2)
    known = run | {"share": 5, "known": True}
    assert peers_report.curve(known, 1)[0] == pytest.approx([0.3 + first.train_s] * 2)
    # A structure that differs in its learning rate alone is not measured again.
    assert first.values[:-1] == replay.networks()[1].values[:-1]
    run = {"suggested": [0, 1], "level": "all", "share": 5}
    more = replay.BUILD_S + replay.networks()[1].train_s
    ends = peers_report.curve(run, 1)[0]
    assert ends[0] == pytest.approx(2.3 + first.train_s)
    assert ends[1] - ends[0] == pytest.approx(more)


def test_untrained_networks_get_the_worst_error_so_far() -> None:
    results = {"objective": float("nan"), "latency": -0.5}
    assert peer_search.stated(results, [], "worst") == {"objective": 90.0, "latency": -0.5}
    assert peer_search.stated(results, [3.0, 8.0, 4.0], "worst")["objective"] == 8.0
    assert peer_search.stated(results, [3.0, 8.0, 4.0], "median")["objective"] == 4.0


class EndsBadTrainings(random_search.RandomSearch, PruningPeer):
    """Ends a training whose error is above 50 % after two epochs."""

    def report(self, token: Any, epoch: int, value: float) -> bool:
        return epoch == 2 and value > 50.0

    def prune(self, token: Any, results: Mapping[str, float]) -> None:
        pass


def test_a_training_that_a_peer_ends_costs_its_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random_search, "RandomSearch", EndsBadTrainings)
    found = peer_search.search("random", False, 100, 1, 3, "worst")
    assert len(found["suggested"]) == 3 * peer_search.MORE
    assert set(found["epochs"]) == {2, learning.EPOCHS}
    ends, errors = peers_report.curve({"level": "all", "share": 100} | found, 1)
    curves = [learning.of_table()[row] for row in found["suggested"]]
    seconds, best = 0.0, inf
    for one, epochs, end, error in zip(curves, found["epochs"], ends, errors, strict=True):
        assert (epochs == 2) == (one.errors[1] > 50.0)
        seconds += replay.BUILD_S + one.seconds[epochs]
        best = min(best, one.final) if epochs == learning.EPOCHS else best
        assert end == pytest.approx(seconds)
        assert error == best


def test_epochs_of_a_network_that_is_suggested_again_are_counted_once() -> None:
    one = learning.of_table()[3]
    run = {"suggested": [3, 3, 3], "epochs": [2, 1, 8], "level": "all", "share": 100}
    ends, errors = peers_report.curve(run, 1)
    first = replay.BUILD_S + one.seconds[2]
    assert ends == pytest.approx(
        [first, first, replay.CONTINUE_S + first + one.seconds[8] - one.seconds[2]]
    )
    assert errors == [inf, inf, one.final]
    assert peers_report.final(run, 1) == one.final
    assert peers_report.final(run | {"suggested": [3, 4, 3], "epochs": [2, 8, 8]}, 1) != one.final


def test_table_states_time_to_the_best_peers_error() -> None:
    order = sorted(range(len(replay.networks())), key=lambda row: learning.of_table()[row].final)
    best, second, worst = order[0], order[1], order[-1]

    def run(method: str, *rows: int) -> tuple[peers.Key, dict[str, object]]:
        entry = {"suggested": rows, "level": "all", "share": 100, "cpu_s": 1.5}
        return (method, "all", 100, 1), entry

    runs = dict(
        [run("hyperpower", best), run("optuna_tpe", worst, worst), run("optuna_gp", worst, second)]
    )
    error = learning.of_table()[second].final
    assert peers_report.target(runs, 100, 30) == error
    assert peers_report.target(runs, 100, 1) == learning.of_table()[worst].final
    rows = [line for line in peers_report.details(runs, 30) if line.startswith("| no budget |")]
    assert len(rows) == 2 * len(runs)
    assert f"| no budget | {error:.2f} | Optuna TPE | 1 | inf (inf to inf) |" in rows[2]
    assert "| 1 of 1 |" in rows[2]
    assert "| 0 of 1 |" in rows[1]


def test_profiles_of_earlier_runs_are_counted_once_more() -> None:
    within = [row for row, one in enumerate(replay.networks()) if one.latency_s <= replay.bound(5)]
    best = min(within, key=lambda row: learning.of_table()[row].final)
    rest = [row for row in within if row != best]

    def run(method: str, level: str, *rows: int) -> tuple[peers.Key, dict[str, object]]:
        entry = {"suggested": rows, "level": level, "share": 5, "cpu_s": 1.5}
        return (method, level, 5, 1), entry | ({"built": [8]} if "6" in method else {})

    runs = dict(
        [
            run("hyperpower", "gate", rest[0], best),
            run("hyperpower_6", "gate", best),
            run("optuna_gp", "all", rest[0], rest[1], best),
            run("optuna_tpe", "gate", rest[2]),
        ]
    )
    lines = list(peers_report.tables(runs, 30))
    train_s = replay.networks()[best].train_s
    ours, profiled = (
        next(line for line in lines if line.startswith(f"| HyperPower, predictions of 6 %{also} |"))
        for also in ("", ", and 16 profiles first")
    )
    seconds = 9 * replay.BUILD_S + replay.PROFILE_S + train_s
    assert f" | {seconds:.0f} (" in ours
    assert f" | {seconds + 16 * 2.3:.0f} (" in profiled
    assert lines[-1] == "| HyperPower, predictions of 6 %, freeze-thaw |  |"
    assert lines[-2] == "| HyperPower, predictions of 6 % | 2 (2 to 2) |"
    assert any(line.startswith("| Optuna TPE, gate | inf (inf to inf), 1 of 1") for line in lines)
    ratios = [line for line in lines if line.startswith("| HyperPower |")][1]
    peer_s, our_s = (
        peers_report.time_to(runs[key], 1, learning.of_table()[best].final)
        for key in (("optuna_gp", "all", 5, 1), ("hyperpower", "gate", 5, 1))
    )
    assert ratios == f"| HyperPower | {peer_s / our_s:.1f}, inf |"


def test_predictions_need_a_budget() -> None:
    batches = peers.wanted(["hyperpower_6_freeze_thaw", "reference_twin", "optuna_gp"], [5, 100], 1)
    assert batches == [
        [("hyperpower_6_freeze_thaw", "gate", 5, 1)],
        [("reference_twin", "gate", 5, 1), ("reference_twin", "all", 100, 1)],
        [
            ("optuna_gp", level, share, 1)
            for level, share in (("gate", 5), ("all", 5), ("all", 100))
        ],
    ]


def test_a_peer_with_fewer_seeds_sets_no_goal():
    rows = sorted(range(len(replay.networks())), key=lambda row: learning.of_table()[row].final)
    runs = {
        (method, "all", 100, seed): {"suggested": [row], "level": "all", "share": 100}
        for method, row, seeds in (("optuna_gp", rows[50], 3), ("ax", rows[0], 2))
        for seed in range(seeds)
    }
    assert peers_report.target(runs, 100, 30) == learning.of_table()[rows[50]].final
    runs["ax", "all", 100, 2] = runs["ax", "all", 100, 0]
    assert peers_report.target(runs, 100, 30) == learning.of_table()[rows[0]].final
