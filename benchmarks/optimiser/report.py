"""Prints the tables of what run.py has stored, in Markdown.

    python benchmarks/optimiser/report.py [--peers X ...] [--problems P ...] [--parallel 8]

Regret: the best true objective among the truly feasible evaluations so far, minus the best known
feasible value; without a feasible one, that of the worst feasible point of the problem (which is
also the cap). For means over problems it is divided by the regret of the median feasible random
point, and counts as 1e-4 when it is lower: the problem is solved. Peers are compared on the runs
(problem, seed) that all of them have.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.optimiser.peers import PEERS
from benchmarks.optimiser.problems import load, names
from benchmarks.optimiser.run import RESULTS, key, read

#: Relative regret under which a problem counts as solved.
SOLVED = 1e-4
OURS = "ours"
Results = dict[str, dict[tuple[str, int], dict]]


def gather(folder: Path, evaluations: int, parallel: int) -> Results:
    """Results by peer, then by (problem, seed)."""
    results: Results = defaultdict(dict)
    for result in read(folder):
        run = key(result)
        if run.evaluations >= evaluations and run.parallel == parallel:
            results[run.peer][run.problem, run.seed] = result
    return results


def asked(peers: list[str] | None, results: Results) -> list[str]:
    """The peers asked for, else all that have results; none, after a line that says why."""
    found = peers or [peer for peer in PEERS if peer in results]
    missing = [peer for peer in found if not results.get(peer)]
    if missing or not found:
        print(f"no results of: {', '.join(missing) or 'any peer'}; see run.py", file=sys.stderr)
        return []
    return found


def in_common(results: Results, peers: Iterable[str], problems: Iterable[str]) -> Results:
    """Only the runs that every one of these peers has."""
    wanted = set(problems)
    shared = set.intersection(*(set(results[peer]) for peer in peers))
    shared = {run for run in shared if run[0] in wanted}
    return {peer: {run: results[peer][run] for run in sorted(shared)} for peer in peers}


def regrets(runs: dict[tuple[str, int], dict], problem: str, count: int) -> np.ndarray:
    """Regrets of the problem's runs after `count` evaluations."""
    return np.array([r["regret"][count - 1] for run, r in runs.items() if run[0] == problem])


def relative(problem: str, values: np.ndarray) -> np.ndarray:
    """Regrets in units of the median feasible random point's, with the floor."""
    return np.maximum(values / load(problem).typical, SOLVED)


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def ranks(medians: np.ndarray) -> np.ndarray:
    """Ranks (1 best, ties shared) of the columns of each row."""
    from scipy.stats import rankdata

    return rankdata(medians, axis=1)


def regret_tables(results: Results, count: int) -> str:
    """Median and quartiles a problem, and what they come to over all problems."""
    peers = list(results)
    runs = results[peers[0]]
    problems = [name for name in names() if any(run[0] == name for run in runs)]
    rows, medians = [], []
    for problem in problems:
        row, scaled = [problem, str(sum(run[0] == problem for run in runs))], []
        for peer in peers:
            values = regrets(results[peer], problem, count)
            low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
            row.append(f"{middle:.3g} ({low:.2g}-{high:.2g})")
            scaled.append(relative(problem, np.array([middle]))[0])
        rows.append(row)
        medians.append(scaled)
    matrix = np.array(medians)
    text = f"\n### Regret after {count} evaluations: median (quartiles)\n\n"
    text += table(["problem", "seeds", *peers], rows)
    summary = [["mean rank", *(f"{value:.2f}" for value in ranks(matrix).mean(axis=0))]]
    means = np.exp(np.log(matrix).mean(axis=0))
    summary.append(["geometric mean of relative regret", *(f"{value:.3g}" for value in means)])
    if OURS in peers and len(peers) > 1:
        ours = peers.index(OURS)
        others = np.delete(matrix, ours, axis=1)
        ratio = matrix[:, ours] / others.min(axis=1)
        best_mean = np.delete(means, ours).min()
        text += "\n" + table(["over all problems", *peers], summary)
        worst = problems[int(ratio.argmax())]
        lost = [p for p, r in zip(problems, ratio, strict=True) if r > 2]
        text += (
            f"\nRegret of ours divided by that of the best peer: {means[ours] / best_mean:.2f}"
            f" (geometric means over problems), {ratio.max():.2f} on our worst problem ({worst})."
            f" Above 2 on: {', '.join(lost) or 'none'}.\n"
        )
        return text
    return text + "\n" + table(["over all problems", *peers], summary)


def cost_table(results: Results) -> str:
    """Time per suggestion, and the share of evaluations that broke a constraint."""
    rows = []
    for peer, runs in results.items():
        times = [np.array(r["cpu_s"][20:50]) for r in runs.values() if len(r["cpu_s"]) >= 50]
        walls = [np.array(r["wall_s"][20:50]) for r in runs.values() if len(r["wall_s"]) >= 50]
        marks = [np.array(list(r["feasible"])) == "0" for r in runs.values()]
        broken, late = (np.concatenate([m[k:] for m in marks] or [[]]) for k in (0, 20))
        cpu = np.concatenate(times) if times else np.array([np.nan])
        wall = np.concatenate(walls) if walls else np.array([np.nan])
        rows.append(
            [
                peer,
                f"{np.mean(cpu):.3g}",
                f"{np.median(cpu):.3g}",
                f"{np.mean(wall):.3g}",
                f"{100 * broken.mean():.1f} %",
                f"{100 * late.mean():.1f} %" if len(late) else "",
            ]
        )
    head = ["peer", "CPU s per suggestion: mean", "median", "wall s: mean"]
    head += ["infeasible", "infeasible after the 20th"]
    return (
        "\n### Time at 20 to 50 observations (one thread), and infeasible evaluations\n\n"
        + table(head, rows)
    )


def parallel_table(folder: Path, evaluations: int, parallel: int, counts: list[int]) -> str:
    """One evaluation at a time against several at once, for every peer that has both."""
    alone, several = (gather(folder, evaluations, p) for p in (1, parallel))
    rows = []
    for peer in several:
        shared = sorted(set(alone.get(peer, {})) & set(several[peer]))
        if not shared:
            continue
        problems = sorted({problem for problem, _ in shared})
        row = [peer, str(len(problems)), str(len(shared))]
        for count in counts:
            for results in (alone, several):
                runs = {run: results[peer][run] for run in shared}
                scaled = [
                    relative(p, np.array([np.median(regrets(runs, p, count))]))[0] for p in problems
                ]
                row.append(f"{np.exp(np.mean(np.log(scaled))):.3g}")
        seconds = [np.sum(several[peer][run]["cpu_s"]) / evaluations for run in shared]
        row.append(f"{np.mean(seconds):.3g}")
        rows.append(row)
    head = ["peer", "problems", "runs"]
    for count in counts:
        head += [f"1 at a time, {count} evaluations", f"{parallel} at once"]
    rounds = -(-evaluations // parallel)
    return (
        f"\n### {parallel} evaluations at once: geometric mean of relative regret\n\n"
        + table([*head, "CPU s per suggestion"], rows)
        + f"\nIf evaluations take most of the time, {evaluations} of them take as long as {rounds} "
        "one after the other.\n"
    )


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Tables of the optimiser benchmark.")
    parser.add_argument("--peers", nargs="+", help="default: all but variants that have results")
    parser.add_argument("--problems", nargs="+", default=names())
    parser.add_argument("--evaluations", type=int, default=50)
    parser.add_argument("--counts", type=int, nargs="+", default=[20, 50])
    parser.add_argument(
        "--parallel", type=int, help="compare with runs of this many evaluations at once"
    )
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args(arguments)


def main() -> int:
    """Prints the tables; 2 when there is nothing to compare."""
    args = parse()
    if args.parallel:
        print(parallel_table(args.results, args.evaluations, args.parallel, args.counts))
        return 0
    results = gather(args.results, args.evaluations, 1)
    peers = asked(args.peers, results)
    if not peers:
        return 2
    common = in_common(results, peers, args.problems)
    if not common[peers[0]]:
        print(f"no run that all of {', '.join(peers)} have", file=sys.stderr)
        return 2
    for count in args.counts:
        print(regret_tables(common, count))
    print(cost_table(common))
    return 0


if __name__ == "__main__":
    sys.exit(main())
