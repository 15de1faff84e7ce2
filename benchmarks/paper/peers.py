"""HyperPower beside Optuna and Ax on the table of trained networks, with and without its gate.

    python benchmarks/paper/peers.py [--methods M ...] [--seeds 10] [--environment DIR]

A search that is in results/peers.jsonl is not run again, so that the command continues where it
was stopped; `--seeds 0` only prints the tables of README.md. Ax runs only if it is named. The peers
live in an environment of their own, which is made on the first call (as in benchmarks/optimiser).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from benchmarks.optimiser import run as optimiser  # noqa: E402
from benchmarks.optimiser.peers import ALL  # noqa: E402
from benchmarks.paper import peers_report, references  # noqa: E402
from benchmarks.paper.references import NO_BUDGET  # noqa: E402

RESULTS = HERE / "results" / "peers.jsonl"
#: HyperPower: alone, with paused trainings, and with predictions of 6 and 12 % error, without and
#: with paused trainings; the peers.
METHODS = (
    "hyperpower",
    "hyperpower_freeze_thaw",
    "hyperpower_6",
    "hyperpower_12",
    "hyperpower_6_freeze_thaw",
    "hyperpower_12_freeze_thaw",
    "optuna_tpe",
    "optuna_tpe_median",
    "optuna_tpe_hyperband",
    "optuna_gp",
    "hyperpower_exact",
    "hyperpower_exact_freeze_thaw",
    *references.ORDERS,
)
#: Percentages of all networks that meet the budget; 100: there is none.
SHARES = (5, 15, 40, NO_BUDGET)
#: Method, level, share and seed of a search.
Key = tuple[str, str, int, int]


def read(path: Path) -> dict[Key, dict[str, Any]]:
    """The searches in a file."""
    found = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            found[entry["method"], entry["level"], entry["share"], entry["seed"]] = entry
    return found


def wanted(methods: Sequence[str], shares: Sequence[int], seeds: int) -> list[list[Key]]:
    """The searches of each worker; seeds outermost: stopped early, all have about as many."""
    batches = []
    for seed in range(1, seeds + 1):
        for method in methods:
            batch: list[Key] = []
            for share in shares:
                if share == NO_BUDGET and method in peers_report.PREDICT:
                    continue  # there is nothing to predict
                if share != NO_BUDGET:
                    batch.append((method, "gate", share, seed))
                if method in ALL or share == NO_BUDGET:
                    batch.append((method, "all", share, seed))
            batches.append(batch)
    return batches


def work(batch: Sequence[Key], python: Path, path: Path, evaluations: int) -> bool:
    """Runs searches of one method in one process; False, with its message, if that failed."""
    command = [python, "-W", "ignore", HERE / "peer_search.py", batch[0][0], evaluations]
    command += [":".join(map(str, key[1:])) for key in batch]
    with subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        for line in worker.stdout:
            json.loads(line)
            with path.open("a", encoding="utf-8") as lines:
                lines.write(line)
            print(line.split(', "suggested"')[0].strip("{"), file=sys.stderr, flush=True)
    return worker.returncode == 0


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="HyperPower beside Optuna and Ax, on a table.")
    known = sorted({*METHODS, *ALL})
    parser.add_argument("--methods", nargs="+", choices=known, default=METHODS, metavar="M")
    parser.add_argument("--shares", nargs="+", type=int, default=list(SHARES), metavar="PERCENT")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--evaluations", type=int, default=80, help="suggestions of a search")
    parser.add_argument(
        "--trainings", type=int, default=30, help="trained networks after which peers are judged"
    )
    parser.add_argument("--environment", type=Path, default=optimiser.HERE / ".venv")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--details", action="store_true", help="print a row per method and budget")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Runs what is missing and prints the tables; 1 when something failed."""
    args = parse(arguments)
    args.results.parent.mkdir(parents=True, exist_ok=True)
    known = read(args.results)
    failed = 0
    for batch in wanted(args.methods, args.shares, args.seeds):
        missing = [key for key in batch if key not in known]
        if not missing:
            continue
        python = Path(sys.executable)
        if missing[0][0] in ALL and ALL[missing[0][0]][2]:
            python = optimiser.peers_python(args.environment)
        failed += not work(missing, python, args.results, args.evaluations)
    report = peers_report.details if args.details else peers_report.tables
    print("\n".join(report(read(args.results), args.trainings)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
