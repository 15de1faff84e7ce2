"""Kills, halts, outages and full disks, at random moments of many searches; how much is lost.

    python benchmarks/faults/run.py [--short] [--only PART ...] [--results DIR]

The exit status is 1 if anything was lost, ran twice, was left behind or did not end.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.faults import plan, report, ticks  # noqa: E402
from benchmarks.faults.crowd import Crowd  # noqa: E402
from benchmarks.faults.databases import SQLITE, Places, available  # noqa: E402
from benchmarks.faults.experiment import Experiment  # noqa: E402
from benchmarks.faults.kinds import full_disk  # noqa: E402
from benchmarks.faults.plan import Trial  # noqa: E402

#: A table's name, its results, and its text.
Table = tuple[str, list[dict[str, Any]], str]
CROWDS = (Crowd(64, 4, 400), Crowd(64, 1, 400))
SHORT_CROWDS = (Crowd(16, 2, 60),)
#: Jobs in the database.
SIZES, SHORT_SIZES = (1_000, 5_000, 50_000), (5_000,)
#: Files in memory, to see what the disk costs.
MEMORY = Path("/dev/shm")


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    began = time.monotonic()
    print(machine(args.seed), flush=True)
    databases, why = available()
    if why:
        print(f"skipped: MongoDB: {why}")
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch, Places(Path(scratch)) as places:
        faults = 0
        for part, measure in PARTS.items():
            if args.only and part not in args.only:
                continue
            for name, results, table in measure(places, databases, args):
                faults += sum(bool(result["faults"]) for result in results)
                print(f"\n{table}", flush=True)
                write(args.results, name, results)
    print(f"\nall of it took {time.monotonic() - began:.0f} s; with a fault: {faults}")
    return 1 if faults else 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    found.add_argument("--short", action="store_true", help="a few trials of each kind")
    found.add_argument(
        "--only", nargs="+", choices=PARTS, metavar="PART", help=f"of: {', '.join(PARTS)}"
    )
    found.add_argument("--share", type=float, default=1.0, help="of the trials of each kind (1)")
    found.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    found.add_argument("--parallel", type=int, default=2, help="trials at a time (2)")
    found.add_argument("--results", type=Path, help="folder for results as JSON lines")
    return found


def machine(seed: int) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{time.strftime('%d %B %Y')}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, seed {seed}, load average at the start: {load}"
    )


def run_faults(places: Places, databases: list[str], args: argparse.Namespace) -> Iterator[Table]:
    """The trials with one fault each."""
    counts = {
        kind: math.ceil(count * args.share)
        for kind, count in (plan.SHORT if args.short else plan.COUNTS).items()
    }
    if no_disk := full_disk.unavailable(places.folder / "mountable"):
        print(f"skipped: {plan.DISK}: {no_disk}")
        del counts[plan.DISK]
    usual_s = undisturbed(places)
    print(f"a run that nothing disturbs takes {usual_s:.2f} s", flush=True)
    found = plan.trials(counts, databases, args.seed, usual_s)
    results = run_trials(found, places, args.parallel)
    yield "trials", results, report.trials(results)


def run_crowds(places: Places, databases: list[str], args: argparse.Namespace) -> Iterator[Table]:
    """Many workers and several controllers at once."""
    results = []
    for crowd in SHORT_CROWDS if args.short else CROWDS:
        for database in databases:
            home = places.folder / f"crowd-{database}-{crowd.workers}-{crowd.controllers}"
            results.append(crowd.run(home, places.address(database, home), database))
        if not args.short and MEMORY.is_dir():
            with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
                home = Path(scratch) / f"crowd-{crowd.workers}-{crowd.controllers}"
                address = places.address(SQLITE, home)
                results.append(crowd.run(home, address, f"{SQLITE} in {MEMORY}"))
    yield "crowds", results, report.rows(results)


def run_ticks(places: Places, databases: list[str], args: argparse.Namespace) -> Iterator[Table]:
    """Turns of the controller with many jobs in the database."""
    results = [
        ticks.measure(
            home := places.folder / f"ticks-{database}-{count}",
            places.address(database, home),
            database,
            count,
        )
        for database in databases
        for count in (SHORT_SIZES if args.short else SIZES)
    ]
    yield "ticks", results, report.rows(results)


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
    pool = ThreadPoolExecutor(parallel)
    try:
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
    finally:
        pool.shutdown(cancel_futures=True)
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


PARTS = {"faults": run_faults, "crowd": run_crowds, "ticks": run_ticks}

if __name__ == "__main__":
    sys.exit(main())
