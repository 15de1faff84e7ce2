"""One optimiser on one problem, from beginning to end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.optimiser import peers, worker
from benchmarks.optimiser.peers.peer import Peer
from benchmarks.optimiser.problems import load

ROOT = Path(__file__).parents[3]


def test_random_search_is_the_same_for_the_same_seed():
    first = worker.optimise("welded_beam_mixed", "random", 3, 12, 1)
    again = worker.optimise("welded_beam_mixed", "random", 3, 12, 1)
    assert first["regret"] == again["regret"]
    assert first["regret"] == sorted(first["regret"], reverse=True)
    assert len(first["feasible"]) == len(first["cpu_s"]) == 12


def test_several_under_way_are_asked_before_the_first_is_told(monkeypatch):
    events = []

    class Recorder(Peer):
        def ask(self):
            events.append("ask")
            return None, [0.5, 0.5]

        def tell(self, token, results):
            events.append("tell")

    monkeypatch.setattr(peers, "create", lambda _name, problem, seed: Recorder(problem, seed))
    line = worker.optimise("gramacy", "random", 1, 6, 3)
    assert events == ["ask"] * 3 + ["tell", "ask"] * 3 + ["tell"] * 3
    assert len(line["regret"]) == 6


def test_ours_solves_a_small_problem():
    line = worker.optimise("gramacy", "ours", 1, 20, 1)
    assert line["regret"][-1] < 0.1 * load("gramacy").typical


def test_command_prints_one_line():
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/optimiser/worker.py", "gramacy", "random", "1", "5"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["problem"] == "gramacy"
