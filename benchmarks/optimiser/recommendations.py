"""How good the recommended points are beside the best observed ones; prints a table.

    python benchmarks/optimiser/recommendations.py [--problems P ...] [--seeds 5] [--evaluations 30]

After each run, the true value of the point that `best` recommends is compared with that of the best
job, both by their regret. A recommendation counts as worse if its regret is more than 1.5 times
the best observed one, or if its point is truly infeasible.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.optimiser.peers.ours import Ours  # noqa: E402
from benchmarks.optimiser.problems import Problem, load, names  # noqa: E402

#: From here on, a recommendation counts as worse than the best observed point.
WORSE = 1.5
#: Regrets below this share of that of the median random point are equal.
SOLVED = 1e-9


def ratio(problem: Problem, seed: int, evaluations: int, every: int) -> list[float]:
    """Regret of the recommendation divided by that of the best feasible job, during one run.

    inf if the recommended point is truly infeasible although it was recommended with confidence.
    """
    peer, rng = Ours(problem, seed), np.random.default_rng([seed, 20141108])
    best, ratios = np.inf, []
    floor = SOLVED * problem.typical
    for number in range(1, evaluations + 1):
        token, values = peer.ask()
        params = problem.params(values)
        peer.tell(token, problem.evaluate(params, rng))
        truth = problem.truth(params)
        if problem.feasible(truth):
            best = min(best, truth[problem.objective])
        if number % every or not np.isfinite(best):
            continue
        found = peer.chooser.best(peer.jobs)
        if found is None:
            continue
        truth = problem.truth(found.params)
        if not problem.feasible(truth):
            ratios.append(np.inf)
            continue
        regret = max(truth[problem.objective] - problem.best, floor)
        ratios.append(regret / max(best - problem.best, floor))
    return ratios


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Recommended and best observed points.")
    parser.add_argument("--problems", choices=names(), nargs="+", default=names())
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--evaluations", type=int, default=30)
    parser.add_argument("--every", type=int, default=15, help="evaluations between comparisons")
    args = parser.parse_args()
    print("| problem | comparisons | worse | infeasible | largest factor | median factor |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in args.problems:
        found: list[float] = []
        for seed in range(1, args.seeds + 1):
            found += ratio(load(name), seed, args.evaluations, args.every)
        factors = np.array(found)
        known = factors[np.isfinite(factors)]
        worse, infeasible = int(np.sum(known > WORSE)), len(factors) - len(known)
        most, middle = (f"{x:.3g}" for x in (np.max(known, initial=0), np.median(known)))
        print(
            f"| {name} | {len(factors)} | {worse} | {infeasible} | {most} | {middle} |", flush=True
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
