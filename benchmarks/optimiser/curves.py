"""Draws regret against evaluations, a panel a problem, of what run.py has stored: curves.png.

    benchmarks/optimiser/.venv/bin/python benchmarks/optimiser/curves.py [--peers X ...] [...]

Lines are medians over seeds, bands are quartiles. A peer is drawn where it has at least
`--seeds` runs. Regrets are in units of the median feasible random point's, as in report.py.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from benchmarks.optimiser.problems import load, names  # noqa: E402
from benchmarks.optimiser.report import OURS, Results, asked, gather  # noqa: E402
from benchmarks.optimiser.run import RESULTS  # noqa: E402

#: Regrets below are drawn here: nothing that a user could tell from zero.
LEAST = 1e-7
#: Okabe & Ito's colours, which most colour-blind people tell apart; ours is black.
COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00", "#0072B2")
COLUMNS = 5


def quartiles(results: Results, peer: str, problem: str, seeds: int) -> np.ndarray | None:
    """Quartiles of relative regret after 1, 2, ... evaluations, shape (3, n); None of too few."""
    runs = [run["regret"] for (name, _), run in results[peer].items() if name == problem]
    if len(runs) < seeds:
        return None
    count = min(map(len, runs))
    scaled = np.array([run[:count] for run in runs]) / load(problem).typical
    return np.quantile(np.maximum(scaled, LEAST), [0.25, 0.5, 0.75], axis=0)


def draw(path: Path, results: Results, peers: list[str], problems: list[str], seeds: int) -> None:
    """The picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rows = -(-len(problems) // COLUMNS)
    figure, grid = plt.subplots(
        rows, COLUMNS, figsize=(2.6 * COLUMNS, 2.3 * rows), squeeze=False, sharex=True
    )
    others = [peer for peer in peers if peer != OURS]
    colours = {OURS: "black"} | {p: COLOURS[i % len(COLOURS)] for i, p in enumerate(others)}
    drawn = {}
    for i, (axes, problem) in enumerate(zip(grid.flat, problems, strict=False)):
        for peer in peers:
            found = quartiles(results, peer, problem, seeds)
            if found is None:
                continue
            x = np.arange(1, found.shape[1] + 1)
            axes.fill_between(x, found[0], found[2], color=colours[peer], alpha=0.15, lw=0)
            (drawn[peer],) = axes.plot(x, found[1], color=colours[peer], lw=1.3)
        axes.set_yscale("log")
        axes.set_title(problem, fontsize=9)
        axes.yaxis.set_minor_formatter(mpl.ticker.NullFormatter())
        low, high = axes.get_ylim()
        if high < 10 * low:
            axes.yaxis.set_major_formatter(mpl.ticker.ScalarFormatter())
        axes.tick_params(labelsize=7, labelbottom=i + COLUMNS >= len(problems))
        axes.grid(alpha=0.3)
    for axes in grid.flat[len(problems) :]:
        axes.set_axis_off()
    figure.supxlabel("evaluations", fontsize=9)
    figure.supylabel("regret / median feasible random point's", fontsize=9)
    figure.legend(drawn.values(), drawn.keys(), loc="lower right", ncols=2, fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Regret against evaluations.")
    parser.add_argument("--peers", nargs="+", help="default: all but variants that have results")
    parser.add_argument("--problems", nargs="+", default=names(), choices=names(), metavar="P")
    parser.add_argument("--seeds", type=int, default=5, help="least runs of a line (default: 5)")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--plot", type=Path, default=HERE / "curves.png")
    args = parser.parse_args()
    results = gather(args.results, 1, 1)
    peers = asked(args.peers, results)
    if not peers:
        return 2
    draw(args.plot, results, peers, args.problems, args.seeds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
