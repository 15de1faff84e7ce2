"""One optimiser on one problem with one seed: prints one JSON line. Started by `pareto.py`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from benchmarks.optimiser import peers
from benchmarks.paper.fronts.problems import load


def optimise(problem_name: str, peer_name: str, seed: int, evaluations: int) -> dict[str, Any]:
    """Runs the optimiser, one evaluation after the other."""
    problem = load(problem_name)
    peer = peers.create(peer_name, problem, seed)
    rng = np.random.default_rng(seed)
    truths: list[dict[str, float]] = []
    shares, cpu = [], []
    for _ in range(evaluations):
        start = time.process_time()
        token, values = peer.ask()
        cpu.append(time.process_time() - start)
        truths.append(problem.evaluate(problem.params(values), rng))
        shares.append(problem.share(truths))
        start = time.process_time()
        peer.tell(token, truths[-1])
        cpu[-1] += time.process_time() - start
    return {
        "problem": problem_name,
        "peer": peer_name,
        "seed": seed,
        "evaluations": evaluations,
        "share": [float(f"{value:.5g}") for value in shares],
        "cpu_s": round(sum(cpu), 2),
        "versions": peer.versions(),
    }


def main() -> int:
    """Arguments: problem, peer, seed, evaluations."""
    problem, peer, seed, evaluations = sys.argv[1:]
    print(json.dumps(optimise(problem, peer, int(seed), int(evaluations))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
