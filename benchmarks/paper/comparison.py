"""The paper's comparison: its four methods and ours, without and with knowledge of the hardware.

    python benchmarks/paper/comparison.py [--seeds 10] [--trainings 30] [--evaluations 80]

Every search is replayed on the table of trained networks (benchmarks/optimiser/digits_table). A
search that is in results/comparison.jsonl is not run again, so that the command continues where it
was stopped. Prints the tables of README.md, and draws comparison.png if matplotlib is installed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from benchmarks.paper import comparison_report  # noqa: E402
from benchmarks.paper.replay import HYPERPOWER, LEVELS, METHODS, UNAWARE, search  # noqa: E402

RESULTS = HERE / "results" / "comparison.jsonl"
#: Percentages of all networks that meet the budget.
SHARES = (5, 15, 40)

#: Method, level, share and seed of a search.
Key = tuple[str, str, int, int]


def same(method: str, level: str) -> str:
    """The method that makes the same suggestions: without constraints, both weights are 1."""
    return "hw_cwei" if (method, level) == ("hw_ieci", UNAWARE) else method


def read(path: Path) -> dict[Key, list[int]]:
    """The searches in a file: the rows that they suggested."""
    found: dict[Key, list[int]] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            key = (entry["method"], entry["level"], entry["share"], entry["seed"])
            found[key] = entry["suggested"]
    return found


def complete(found: dict[Key, list[int]]) -> dict[Key, list[int]]:
    """The searches, with those that another method has made too."""
    more = dict(found)
    for method, level, share, seed in itertools.product(
        METHODS, LEVELS, {key[2] for key in found}, {key[3] for key in found}
    ):
        twin = (same(method, level), level, share, seed)
        if twin in found:
            more[method, level, share, seed] = found[twin]
    return more


def run(path: Path, seeds: int, trainings: int, evaluations: int, shares: tuple[int, ...]) -> None:
    """Runs what is missing, one line per search."""
    known = read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Seeds outermost: stopped early, all methods have about as many.
    for seed, share, level, method in itertools.product(
        range(1, seeds + 1), shares, LEVELS, METHODS
    ):
        if same(method, level) != method or (method, level, share, seed) in known:
            continue
        most = evaluations if level == HYPERPOWER else trainings
        suggested = search(method, level, share, seed, trainings, most)
        entry = {"method": method, "level": level, "share": share, "seed": seed}
        with path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry | {"suggested": suggested}) + "\n")
        print(f"{method} {level} {share} % seed {seed}", file=sys.stderr, flush=True)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="The paper's comparison, replayed on a table.")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trainings", type=int, default=30, help="trained networks of a search")
    parser.add_argument("--evaluations", type=int, default=80, help="networks, rejected ones too")
    parser.add_argument("--shares", type=int, nargs="+", default=list(SHARES), metavar="PERCENT")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--plot", type=Path, default=HERE / "comparison.png")
    args = parser.parse_args()
    run(args.results, args.seeds, args.trainings, args.evaluations, tuple(args.shares))
    found = complete(read(args.results))
    print("\n".join(comparison_report.tables(found)))
    if find_spec("matplotlib") is None:
        print("no plot: matplotlib is not installed", file=sys.stderr)
    else:
        comparison_report.draw(args.plot, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
