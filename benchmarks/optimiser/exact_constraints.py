"""What a search gains from knowing that its constraints are exact; prints a table.

    python benchmarks/optimiser/exact_constraints.py [--problems P ...] [--seeds 10]

The constraints of these problems have no noise. The same searches run once with constraints that
are declared exact (NOISELESS) and once noisy (GAUSSIAN); the objective is noisy in both, as the
error of a trained network is.
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

from benchmarks.optimiser.problems import Problem, load, names  # noqa: E402
from spearmint import choosers  # noqa: E402

LIKELIHOODS = ("NOISELESS", "GAUSSIAN")
#: Evaluations after which the regret is shown.
AFTER = (15, 30)
#: Regrets below this share of that of the median random point are equal.
SOLVED = 1e-4


def search(problem: Problem, likelihood: str, seed: int) -> tuple[list[float], float]:
    """The relative regret after each of `AFTER`, and the share of infeasible evaluations."""
    config = problem.config()
    for name, task in config["tasks"].items():
        task["likelihood"] = "GAUSSIAN" if name == problem.objective else likelihood
    chooser, rng = choosers.create(config, seed), np.random.default_rng([seed, 20141108])
    jobs, truths = [], []
    for number in range(1, max(AFTER) + 1):
        params = chooser.suggest(jobs)
        values = problem.evaluate(params, rng)
        jobs.append({"id": number, "params": params, "status": "complete", "values": values})
        truths.append(problem.truth(params))
    regrets = [max(problem.regret(truths[:n]) / problem.typical, SOLVED) for n in AFTER]
    return regrets, float(np.mean([not problem.feasible(truth) for truth in truths]))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Searches with exact and with noisy constraints.")
    usual = ["digits", "welded_beam_mixed", "spring_mixed", "gramacy"]
    parser.add_argument("--problems", choices=names(), nargs="+", default=usual)
    parser.add_argument("--seeds", type=int, default=10)
    args = parser.parse_args()
    heads = [f"regret after {n}" for n in AFTER]
    print(f"| problem | constraints | {' | '.join(heads)} | infeasible |")
    print("| --- | --- | " + "--- | " * (len(AFTER) + 1))
    for name in args.problems:
        for likelihood in LIKELIHOODS:
            runs = [search(load(name), likelihood, seed) for seed in range(1, args.seeds + 1)]
            means = np.exp(np.mean(np.log([regrets for regrets, _ in runs]), axis=0))
            cells = " | ".join(f"{mean:.3g}" for mean in means)
            infeasible = 100.0 * float(np.mean([share for _, share in runs]))
            print(f"| {name} | {likelihood} | {cells} | {infeasible:.0f} % |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
