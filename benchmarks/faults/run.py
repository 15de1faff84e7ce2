"""Kills, halts, outages and full disks, at random moments of many searches; how much is lost.

    python benchmarks/faults/run.py [--short] [--only KIND ...] [--results DIR]

The exit status is 1 if anything was lost, ran twice, was left behind or did not end.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.faults import plan, report  # noqa: E402
from benchmarks.faults.databases import SQLITE, Places, available  # noqa: E402
from benchmarks.faults.experiment import Experiment  # noqa: E402
from benchmarks.faults.kinds import full_disk  # noqa: E402
from benchmarks.faults.plan import Trial  # noqa: E402

RESULTS = HERE / "results"


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    counts = {
        kind: args.count if args.count is not None else count
        for kind, count in (plan.SHORT if args.short else plan.COUNTS).items()
        if not args.only or kind in args.only
    }
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        folder = Path(scratch)
        lines = machine(args)
        databases, why = available()
        skipped = [f"MongoDB: {why}"] if why else []
        if plan.DISK in counts and (no_disk := full_disk.unavailable(folder / "mountable")):
            skipped.append(f"{plan.DISK}: {no_disk}")
            del counts[plan.DISK]
        with Places(folder) as places:
            usual_s = undisturbed(places)
            found = plan.trials(counts, databases, args.seed, usual_s)
            results = run_trials(found, places, args.parallel)
    write(args.results, "trials", results)
    for line in lines:
        print(line)
    print(f"an undisturbed run takes {usual_s:.2f} s; all took {time.monotonic() - began:.0f} s")
    for line in skipped:
        print(f"skipped: {line}")
    print(report.trials(results))
    return 1 if any(result["faults"] for result in results) else 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    found.add_argument("--short", action="store_true", help="a few trials of each kind")
    found.add_argument("--only", nargs="+", choices=plan.COUNTS, metavar="KIND", help="these kinds")
    found.add_argument("--count", type=int, help="so many trials of each kind")
    found.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    found.add_argument("--parallel", type=int, default=2, help="trials at a time (2)")
    found.add_argument("--results", type=Path, help="folder for results as JSON lines")
    return found


def machine(args: argparse.Namespace) -> list[str]:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"{time.strftime('%d %B %Y')}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, seed {args.seed}, load average at the start: {load}"
    ]


def undisturbed(places: Places) -> float:
    """How long a run of a trial's size takes, in seconds."""
    home = places.folder / "undisturbed-0"
    experiment = Experiment(home, places.address(SQLITE, home), "processes", jobs=5)
    began = time.monotonic()
    if experiment.start().wait() != 0:
        raise RuntimeError(experiment.printed.read_text(errors="replace"))
    return time.monotonic() - began


def run_trials(found: list[Trial], places: Places, parallel: int) -> list[dict[str, Any]]:
    """The results, in the order of the trials; each fault is printed as it is found."""
    results = []
    with ThreadPoolExecutor(parallel) as pool:
        waiting = {pool.submit(one.run, places): one for one in plan.interleaved(found)}
        for done, future in enumerate(as_completed(waiting), 1):
            one = waiting[future]
            try:
                result = future.result().to_json()
            except Exception as error:
                traceback.print_exc()
                result = failed(one, error)
            results.append(result)
            for fault in result["faults"]:
                print(f"{result['kind']} {one.number} ({one.database}): {fault}", flush=True)
            if sys.stderr.isatty():
                print(f"\r{done} of {len(found)}", end="", file=sys.stderr)
    return sorted(results, key=lambda result: (result["kind"], result["number"]))


def failed(one: Trial, error: Exception) -> dict[str, Any]:
    """The result of a trial that the benchmark itself could not run."""
    return {
        "kind": one.kind,
        "number": one.number,
        "database": one.database,
        "faults": [f"{type(error).__name__}: {error}"],
    }


def write(folder: Path | None, name: str, results: list[dict[str, Any]]) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(result) + "\n" for result in results]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
