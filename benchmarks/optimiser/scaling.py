"""Seconds per suggestion of ours as observations grow; prints a table and draws scaling.png.

    benchmarks/optimiser/.venv/bin/python benchmarks/optimiser/scaling.py [--problem P] [...]

The observations are a run's as it would be: random points, and among them a cloud around the best
known one. Each count is timed on the suggestion that follows one more result, as in a run
(hyper-parameters of the last suggestion are known), and on the first one after a restart, when
nothing is. The peak of the process's memory includes the jobs and everything before. One BLAS
thread, unless OMP_NUM_THREADS says otherwise. Without matplotlib, nothing is drawn.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, os.environ.get("OMP_NUM_THREADS", "1"))

import numpy as np  # noqa: E402

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from benchmarks.optimiser.problems import Problem, load, names  # noqa: E402
from spearmint import choosers  # noqa: E402


def observations(problem: Problem, count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Jobs that are complete: a third at random, the others around the solution."""
    jobs = []
    for number in range(count):
        values = problem.sample(rng)
        if number % 3:
            width = 10 ** rng.uniform(-2, -0.5)
            for i, axis in enumerate(problem.axes):
                best = problem.solution[i]
                if axis.type == "ENUM":
                    values[i] = best if rng.random() > width else values[i]
                    continue
                moved = float(best) + width * rng.standard_normal() * (axis.high - axis.low)
                moved = min(max(moved, axis.low), axis.high)
                values[i] = round(moved) if axis.type == "INT" else moved
        params = problem.params(values)
        jobs.append(
            {
                "id": number + 1,
                "params": params,
                "status": "complete",
                "values": problem.evaluate(params, rng),
            }
        )
    return jobs


def measure(problem: Problem, count: int, repeats: int, seed: int) -> dict[str, float]:
    """Median seconds of a suggestion, wall and CPU when warm, wall for the first; memory in MiB."""
    rng = np.random.default_rng(seed)
    jobs = observations(problem, count, rng)
    chooser = choosers.create(problem.config(), seed)
    start = time.perf_counter()
    chooser.suggest(jobs[: count - repeats])
    first = time.perf_counter() - start
    wall, cpu = [], []
    for known in range(count - repeats + 1, count + 1):
        start, start_cpu = time.perf_counter(), time.process_time()
        chooser.suggest(jobs[:known])
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    medians = {"wall": float(np.median(wall)), "cpu": float(np.median(cpu))}
    return {**medians, "first": first, "peak": peak}


def draw(path: Path, problem: str, rows: list[tuple[int, dict[str, float]]]) -> None:
    """The plot, on logarithmic axes."""
    try:
        import matplotlib as mpl
    except ImportError:
        return
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4))
    counts = [count for count, _ in rows]
    axes.loglog(counts, [row["wall"] for _, row in rows], "o-", label="in a run (wall)")
    axes.loglog(counts, [row["cpu"] for _, row in rows], "s--", label="in a run (CPU)")
    axes.loglog(counts, [row["first"] for _, row in rows], "^:", label="first after a restart")
    axes.plot([500, 1000], [2, 5], "kx", label="targets")
    axes.set(xlabel="observations", ylabel="seconds per suggestion", title=problem)
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Time of a suggestion against observations.")
    parser.add_argument("--problem", choices=names(), default="welded_beam")
    parser.add_argument(
        "--counts", type=int, nargs="+", default=[50, 200, 500, 1000, 2000, 5000, 50000]
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path, default=HERE / "scaling.png")
    args = parser.parse_args()
    problem = load(args.problem)
    print("| observations | s in a run (wall) | (CPU) | s, first after a restart | peak MiB |")
    print("| --- | --- | --- | --- | --- |")
    rows = []
    for count in args.counts:
        row = measure(problem, count, args.repeats, args.seed)
        rows.append((count, row))
        cells = " | ".join(f"{row[name]:.2f}" for name in ("wall", "cpu", "first"))
        print(f"| {count} | {cells} | {row['peak']:.0f} |", flush=True)
    draw(args.plot, f"{args.problem}: {len(problem.axes)} variables, {1 + len(problem.constraints)}"
         " models", rows)  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
