"""Compares optimisers on problems with two objectives: how much of the best known front they find.

    .venv/bin/python benchmarks/paper/pareto.py [--peers X ...] [--problems P ...] [--seeds N]
    .venv/bin/python benchmarks/paper/pareto.py --report [--plot FILE]

The first command runs what is missing and appends one JSON line per run to fronts/results/; it
continues where it was stopped. The peers live in an environment of their own, made on the first
call. The second one prints the table of these results. The plot needs the peers' environment.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.optimiser import run as optimiser  # noqa: E402
from benchmarks.optimiser.peers import ALL  # noqa: E402
from benchmarks.paper.fronts.problems import DEFINITIONS  # noqa: E402

RESULTS = HERE / "fronts" / "results"
PEERS = {
    "ours": "HyperPower",
    "optuna_gp": "Optuna GP",
    "optuna_tpe": "Optuna TPE",
    "optuna_nsga2": "Optuna NSGA-II",
    "ax": "Ax",
    "random": "random",
}
#: Okabe & Ito's colours; ours is black.
COLOURS = ("black", "#0072B2", "#56B4E9", "#009E73", "#D55E00", "#CC79A7")
Run = tuple[str, str, int, int]


def read(folder: Path = RESULTS) -> Iterator[dict[str, Any]]:
    """All results, one dictionary a run."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open() as lines:
            yield from map(json.loads, lines)


def key(result: dict[str, Any]) -> Run:
    """What tells one run from another."""
    return result["problem"], result["peer"], result["seed"], result["evaluations"]


def run(run_: Run, python: Path, folder: Path) -> bool:
    """One run to its end; a failure is printed and leaves no result."""
    problem, peer, seed, evaluations = run_
    interpreter = python if ALL[peer][2] else sys.executable
    command = [interpreter, HERE / "fronts" / "worker.py", problem, peer, seed, evaluations]
    done = subprocess.run(
        [str(part) for part in command],
        env=os.environ | dict.fromkeys(optimiser.THREADS, "1"),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"{problem} {peer} seed {seed}: failed: {reason}", file=sys.stderr)
        return False
    line = done.stdout.strip().splitlines()[-1]
    result = json.loads(line)
    with (folder / f"{peer}.jsonl").open("a") as results:
        results.write(line + "\n")
    print(
        f"{problem:8s} {peer:12s} seed {seed:<3d} {100 * result['share'][-1]:5.1f} %"
        f" {result['cpu_s']:7.1f} s",
        flush=True,
    )
    return True


def gathered(
    results: Iterator[dict[str, Any]], evaluations: int
) -> dict[str, dict[str, np.ndarray]]:
    """Shares by problem and peer, shape (seeds, evaluations)."""
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        if result["evaluations"] == evaluations:
            found[result["problem"]][result["peer"]].append(result["share"])
    return {
        problem: {peer: np.array(shares) for peer, shares in by_peer.items()}
        for problem, by_peer in found.items()
    }


def report(found: dict[str, dict[str, np.ndarray]]) -> str:
    """A Markdown table: the median share at the end, least and most, and the number of seeds."""
    peers = [peer for peer in PEERS if any(peer in by_peer for by_peer in found.values())]
    lines = [
        f"| problem | {' | '.join(PEERS[peer] for peer in peers)} |",
        f"| --- |{' --- |' * len(peers)}",
    ]
    for problem in DEFINITIONS:
        cells = []
        for peer in peers:
            shares = found.get(problem, {}).get(peer)
            if shares is None:
                cells.append("")
                continue
            last = 100 * shares[:, -1]
            cells.append(
                f"{np.median(last):.1f} ({last.min():.1f} to {last.max():.1f}; {len(last)})"
            )
        lines.append(f"| {problem} | {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(found: dict[str, dict[str, np.ndarray]], path: Path) -> None:
    """A panel a problem: median share and quartiles against evaluations."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    problems = [problem for problem in DEFINITIONS if problem in found]
    figure, grid = plt.subplots(2, 3, figsize=(9.6, 5.4), sharex=True)
    drawn = {}
    for axes, problem in zip(grid.flat, problems, strict=False):
        for (peer, label), colour in zip(PEERS.items(), COLOURS, strict=True):
            shares = found[problem].get(peer)
            if shares is None:
                continue
            low, middle, high = 100 * np.quantile(shares, [0.25, 0.5, 0.75], axis=0)
            x = np.arange(1, shares.shape[1] + 1)
            (drawn[label],) = axes.plot(x, middle, color=colour, linewidth=1.4)
            axes.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
        axes.set_title(problem, fontsize=9)
        axes.set_ylim(0, 102)
        axes.tick_params(labelsize=8)
    for axes in grid[-1]:
        axes.set_xlabel("evaluations", fontsize=8)
    for axes in grid[:, 0]:
        axes.set_ylabel("share of hypervolume (%)", fontsize=8)
    figure.legend(drawn.values(), drawn.keys(), loc="lower center", ncol=6, fontsize=8)
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    figure.savefig(path, dpi=110)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Compare optimisers on two objectives.")
    parser.add_argument("--problems", nargs="+", choices=list(DEFINITIONS), metavar="P")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--seeds", type=int, default=10, help="seeds 1 to N (default: 10)")
    parser.add_argument("--evaluations", type=int, default=50)
    parser.add_argument("--environment", type=Path, default=optimiser.HERE / ".venv")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--report", action="store_true", help="print the table, run nothing")
    parser.add_argument("--plot", type=Path, help="with --report: also draw this PNG")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Runs what is missing, or reports; 1 when something failed."""
    args = parse(arguments)
    if args.report:
        found = gathered(read(args.results), args.evaluations)
        print(report(found))
        if args.plot:
            plot(found, args.plot)
        return 0
    args.results.mkdir(parents=True, exist_ok=True)
    python = Path(sys.executable)
    if any(ALL[peer][2] for peer in args.peers):
        python = optimiser.peers_python(args.environment)
    known = {key(result) for result in read(args.results)}
    # Seeds outermost: stopped early, all problems and peers have about as many.
    wanted = itertools.product(
        range(1, args.seeds + 1), args.problems or list(DEFINITIONS), args.peers
    )
    runs = [(problem, peer, seed, args.evaluations) for seed, problem, peer in wanted]
    failed = sum(not run(each, python, args.results) for each in runs if each not in known)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
