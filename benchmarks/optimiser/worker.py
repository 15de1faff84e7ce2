"""One optimiser on one problem with one seed: prints one JSON line.

Started by `run.py`; by hand: `python benchmarks/optimiser/worker.py gramacy random 1 50`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.optimiser import peers
from benchmarks.optimiser.problems import load


def optimise(
    problem_name: str, peer_name: str, seed: int, evaluations: int, parallel: int
) -> dict[str, Any]:
    """Runs the optimiser; `parallel` evaluations run at any time.

    All evaluations take equally long, so the one that started first ends first. The time of a
    suggestion includes that of telling the last result.
    """
    problem = load(problem_name)
    # The same noise for every peer.
    rng = np.random.default_rng([seed, 20_141_108])
    peer = peers.create(peer_name, problem, seed)
    under_way: deque[tuple[Any, list[Any]]] = deque()
    truths: list[dict[str, float]] = []
    regrets, wall, cpu = [], [], []
    asked = 0
    while len(truths) < evaluations:
        start, start_cpu = time.perf_counter(), time.process_time()
        if asked >= parallel:
            token, values = under_way.popleft()
            params = problem.params(values)
            results = problem.evaluate(params, rng)
            truths.append(problem.truth(params))
            regrets.append(problem.regret(truths))
            start, start_cpu = time.perf_counter(), time.process_time()
            peer.tell(token, results)
        if asked < evaluations:
            under_way.append(peer.ask())
            wall.append(time.perf_counter() - start)
            cpu.append(time.process_time() - start_cpu)
        asked += 1
    return {
        "problem": problem_name,
        "peer": peer_name,
        "seed": seed,
        "evaluations": evaluations,
        "parallel": parallel,
        "regret": [float(f"{value:.5g}") for value in regrets],
        "feasible": "".join(str(int(problem.feasible(truth))) for truth in truths),
        "wall_s": [round(value, 4) for value in wall],
        "cpu_s": [round(value, 4) for value in cpu],
        "versions": peer.versions(),
    }


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problem")
    parser.add_argument("peer", choices=list(peers.ALL))
    parser.add_argument("seed", type=int)
    parser.add_argument("evaluations", type=int)
    parser.add_argument("--parallel", type=int, default=1)
    args = parser.parse_args()
    line = optimise(args.problem, args.peer, args.seed, args.evaluations, args.parallel)
    print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
