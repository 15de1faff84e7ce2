"""Tables of made-up results whose answers are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.optimiser import report, run


def result(problem, peer, seed, regrets, parallel=1, feasible=None):
    return {
        "problem": problem,
        "peer": peer,
        "seed": seed,
        "evaluations": len(regrets),
        "parallel": parallel,
        "regret": regrets,
        "feasible": feasible or "1" * len(regrets),
        "wall_s": [0.1] * len(regrets),
        "cpu_s": [0.1] * len(regrets),
    }


@pytest.fixture
def folder(tmp_path):
    lines = [
        result("gramacy", "ours", 1, [1.0, 0.5, 0.1]),
        result("gramacy", "ours", 2, [1.0, 0.5, 0.3]),
        result("gramacy", "random", 1, [1.0, 0.8, 0.8], feasible="011"),
        result("hartmann6", "ours", 1, [3.0, 2.0, 1.0]),
        result("hartmann6", "random", 1, [3.0, 2.0, 0.4], feasible="001"),
        result("gramacy", "ours", 1, [1.0, 0.6, 0.2], parallel=8),
    ]
    (tmp_path / "some.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def test_only_runs_that_all_peers_have_are_compared(folder):
    results = report.gather(folder, 3, 1)
    common = report.in_common(results, ["ours", "random"], ["gramacy", "hartmann6"])
    assert list(common["ours"]) == [("gramacy", 1), ("hartmann6", 1)] == list(common["random"])


def test_ranks_means_and_ratios_over_problems(folder):
    common = report.in_common(
        report.gather(folder, 3, 1), ["ours", "random"], ["gramacy", "hartmann6"]
    )
    text = report.regret_tables(common, 3)
    assert "| mean rank | 1.50 | 1.50 |" in text
    # 0.1 / 0.8 on one, 1.0 / 0.4 on the other: geometric mean sqrt(0.125 * 2.5)
    assert f"Regret of ours divided by that of the best peer: {np.sqrt(0.125 * 2.5):.2f}" in text
    assert "2.50 on our worst problem (hartmann6)" in text
    assert "Above 2 on: hartmann6." in text


def test_share_of_infeasible_evaluations(folder):
    common = report.in_common(
        report.gather(folder, 3, 1), ["ours", "random"], ["gramacy", "hartmann6"]
    )
    lines = report.cost_table(common).splitlines()
    assert any(line.startswith("| random |") and "50.0 %" in line for line in lines)
    assert any(line.startswith("| ours |") and "0.0 %" in line for line in lines)


def test_parallel_runs_are_set_beside_the_same_seeds(folder):
    text = report.parallel_table(folder, 3, 8, [3])
    assert "| ours | 1 | 1 |" in text
    assert "random" not in text


def test_regrets_below_the_floor_are_equal():
    scaled = report.relative("gramacy", np.array([1e-9, 1e-12]))
    assert scaled[0] == scaled[1] == report.SOLVED


def test_a_run_is_known_by_problem_peer_seed_and_size():
    line = result("gramacy", "ours", 1, [1.0, 0.5])
    assert run.key(line) == run.Run("gramacy", "ours", 1, 2, 1)
