"""What leaving observations out of the models costs; prints a table.

    python benchmarks/optimiser/many_jobs.py [--problems P ...] [--count 2000] [--seeds 3]

The same observations, more than the models are fitted to, are given to the chooser as it is and to
one that fits its models to all of them. The true values of the points that both recommend are
compared. The observations are those of `scaling.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from unittest.mock import patch

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.optimiser.problems import load, names  # noqa: E402
from benchmarks.optimiser.scaling import observations  # noqa: E402
from spearmint import choosers  # noqa: E402
from spearmint.choosers import default_chooser  # noqa: E402


def recommended(problem_name: str, count: int, seed: int, *, thinned: bool) -> str:
    """The relative regret of the recommended point, and whether it is truly feasible."""
    problem = load(problem_name)
    jobs = observations(problem, count, np.random.default_rng(seed))
    chooser = choosers.create(problem.config(), 1)
    if thinned:
        best = chooser.best(jobs)
    else:
        with patch.object(default_chooser, "thinned", lambda _, known: known):
            best = chooser.best(jobs)
    assert best is not None
    truth = problem.truth(best.params)
    regret = (truth[problem.objective] - problem.best) / problem.typical
    return f"{regret:.4f}" + ("" if problem.feasible(truth) else " (infeasible)")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Models of some and of all observations.")
    usual = ["gramacy_noisy", "hartmann6_noisy", "welded_beam"]
    parser.add_argument("--problems", choices=names(), nargs="+", default=usual)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    print("| problem | seed | models of 1,000 | models of all |")
    print("| --- | --- | --- | --- |")
    for name in args.problems:
        for seed in range(1, args.seeds + 1):
            cells = [recommended(name, args.count, seed, thinned=t) for t in (True, False)]
            print(f"| {name} | {seed} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
