"""Improvement per network against improvement per second, replayed on tables.

    .venv/bin/python benchmarks/paper/per_second.py [--seeds 10] [--results FILE] [--table FILE]

Searches of the default chooser, without and with `per-second`, on the table of trained networks
(benchmarks/optimiser/digits_table) with a virtual clock: building and profiling take the time that
they take there; trainings take the table's seconds, or seconds in proportion to the
multiply-accumulate operations. With a table of learning curves, searches in which the number of
epochs is a hyper-parameter are run instead (`epochs_table.py`). A search that is in the results is
not run again, so that the command continues where it was stopped. Prints the tables of README.md.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, isinf, isnan, nan
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

import numpy as np  # noqa: E402

from benchmarks.optimiser.problems.digits import VARIABLES  # noqa: E402
from benchmarks.optimiser.problems.digits import rows as table  # noqa: E402
from benchmarks.paper.curve_tables import tasks_of  # noqa: E402
from benchmarks.paper.epochs_table import EpochsTable  # noqa: E402
from benchmarks.paper.replay import (  # noqa: E402
    BUILD_S,
    HYPERPOWER,
    PROFILE_S,
    bound,
    config,
    networks,
    rows,
)
from spearmint import choosers  # noqa: E402
from spearmint.errors import NoTimeError, SpaceExhaustedError  # noqa: E402
from spearmint.optimiser.duration import Time  # noqa: E402

RESULTS = HERE / "results" / "per_second.jsonl"
PLAIN, PER_SECOND, LIMITED = "plain", "per second", "per second, limited"
#: Seconds of the training with the median number of MACs, where they depend on these alone.
MEDIAN_S = 60.0
#: A search is over after so many seconds, by the clock, or so many jobs.
MOST_S = {"digits": 300.0, "macs": 7200.0}
MOST_JOBS = 120
#: The same where the number of epochs is a hyper-parameter: 30 trainings of 50 epochs.
EPOCHS_MOST_S, EPOCHS_MOST_JOBS = 1500.0, 150
#: Limits of the time of a search.
LIMITS_S = {"digits": (60.0, 120.0), "macs": (1200.0, 3600.0)}
#: Percentages of the networks that meet the budget; 100 is no budget.
SHARES = {"digits": (5, 15, 40, 100), "macs": (15, 40, 100)}
#: A search has succeeded with an error of at most this much above the lowest one.
WITHIN = 0.5

Key = tuple[str, int, str, float, int]


@cache
def training_s(clock: str) -> tuple[float, ...]:
    """Seconds of training by row of the table."""
    if clock == "digits":
        return tuple(network.train_s for network in networks())
    macs = [table()[network.values]["macs"] for network in networks()]
    middle = float(np.median(macs))
    return tuple(MEDIAN_S * one / middle for one in macs)


@cache
def lowest(share: int) -> float:
    """The lowest error, in %, within the budget."""
    return min(one.error for one in networks() if one.latency_s <= bound(share))


@dataclass
class Search:
    """One search with a virtual clock.

    Args:
        clock: Which seconds trainings take.
        share: Percentage of the networks that meet the budget.
        mode: How seconds count.
        limit_s: The time of the search; inf for no limit.
        seed: Of the chooser.
    """

    clock: str
    share: int
    mode: str
    limit_s: float
    seed: int

    def run(self) -> list[int]:
        """The rows of the table that were tried."""
        document = config("auto", HYPERPOWER)
        document["chooser-args"] |= {"per-second": self.mode != PLAIN}
        chooser = choosers.create(document, self.seed)
        jobs: list[dict[str, Any]] = []
        tried: list[int] = []
        now = 0.0
        while now < min(MOST_S[self.clock], self.limit_s) and len(tried) < MOST_JOBS:
            chooser.time = Time(self.limit_s, self.limit_s - now)
            try:
                params = chooser.suggest(jobs)
            except (NoTimeError, SpaceExhaustedError):
                break
            row = rows()[tuple(params[name]["values"][0] for name in VARIABLES)]
            tried.append(row)
            seconds, error, left = evaluate(row, self.clock, self.share)
            times = {"start time": now, "end time": now + seconds}
            now += seconds
            values = {"error": error, "latency": left}
            job = {"id": len(tried), "params": params, "status": "complete", "values": values}
            jobs.append(job | times)
            if error <= lowest(self.share) and isinf(self.limit_s):
                break
        return tried


def evaluate(row: int, clock: str, share: int) -> tuple[float, float, float]:
    """Seconds, error in % (NaN if it was not trained), and what is left of the budget."""
    network = networks()[row]
    left = bound(share) - network.latency_s
    if left < 0:
        return BUILD_S + PROFILE_S, nan, left
    return BUILD_S + PROFILE_S + training_s(clock)[row], network.error, left


def read(path: Path) -> dict[Key, dict[str, Any]]:
    """The searches in a file."""
    found: dict[Key, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        entry = json.loads(line)
        limit = inf if entry["limit_s"] is None else entry["limit_s"]
        found[entry["clock"], entry["share"], entry["mode"], limit, entry["seed"]] = entry
    return found


def keys(seeds: int) -> Iterator[Key]:
    """The searches; seeds outermost, so that all modes have about as many."""
    for seed, clock in itertools.product(range(1, seeds + 1), SHARES):
        for share in SHARES[clock]:
            yield clock, share, PLAIN, inf, seed
            yield clock, share, PER_SECOND, inf, seed
            for limit in LIMITS_S[clock]:
                yield clock, share, PLAIN, limit, seed
                yield clock, share, LIMITED, limit, seed


def run(path: Path, seeds: int, table: Path | None) -> None:
    """Runs what is missing, one line per search."""
    known = read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for key in keys(seeds) if table is None else epochs_keys(table, seeds):
        if key in known:
            continue
        clock, share, mode, limit, seed = key
        entry = {"clock": clock, "share": share, "mode": mode, "seed": seed}
        entry["limit_s"] = None if isinf(limit) else limit
        if table is None:
            entry["tried"] = Search(*key).run()
        else:
            entry |= epochs_search(table, clock, mode, seed)
        with path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry) + "\n")
        print(*key, file=sys.stderr, flush=True)


def epochs_keys(table: Path, seeds: int) -> Iterator[Key]:
    """The searches on learning curves; the clock is the name of the task."""
    for seed, task in itertools.product(range(1, seeds + 1), tasks_of(table)):
        yield task, 100, PLAIN, inf, seed
        yield task, 100, PER_SECOND, inf, seed
        yield task, 100, LIMITED, EPOCHS_MOST_S, seed


def epochs_search(table: Path, task: str, mode: str, seed: int) -> dict[str, Any]:
    """What was tried, and the seconds until the goal; None if it was not reached."""
    problem = EpochsTable(table, task)
    tried = problem.search(
        mode != PLAIN, seed, EPOCHS_MOST_S, EPOCHS_MOST_JOBS, limited=mode == LIMITED
    )
    seconds, losses = zip(*map(problem.evaluate, tried), strict=True)
    reached = min(losses) <= problem.goal
    return {"tried": tried, "seconds": sum(seconds) if reached else None}


def history(key: Key, tried: Sequence[int]) -> list[tuple[float, float]]:
    """After each job of a search: seconds since its beginning, and the lowest error so far."""
    now, best, found = 0.0, inf, []
    for row in tried:
        seconds, error, _ = evaluate(row, key[0], key[1])
        now, best = now + seconds, min(best, inf if isnan(error) else error)
        found.append((now, best))
    return found


def epochs_table(found: Mapping[Key, Mapping[str, Any]]) -> Iterator[str]:
    """Lines in Markdown about the searches on learning curves: each mode beside the plain one."""
    yield "| seconds count | searches | not found | plain: not found | ratio (quartiles) |"
    yield "| --- " * 5 + "|"
    times = {
        (key[2], key[0], key[4]): one["seconds"] or inf
        for key, one in found.items()
        if key[0] not in SHARES
    }
    for mode in (PER_SECOND, LIMITED):
        pairs = [
            (seconds, times[PLAIN, task, seed])
            for (which, task, seed), seconds in times.items()
            if which == mode and (PLAIN, task, seed) in times
        ]
        missing = [sum(map(isinf, each)) for each in zip(*pairs, strict=True)] or [0, 0]
        ratios = [nan if isinf(a) and isinf(b) else a / b for a, b in pairs]
        low, middle, high = (_middle(ratios, quantile) for quantile in (0.25, 0.5, 0.75))
        yield (
            f"| {mode} | {len(pairs)} | {missing[0]} | {missing[1]} | "
            f"{middle:.2f} ({low:.2f} to {high:.2f}) |"
        )


def _middle(values: Sequence[float], quantile: float = 0.5) -> float:
    """A quantile of those that are not NaN, one of the values; NaN if there is none."""
    known = [value for value in values if not isnan(value)]
    return float(np.quantile(known, quantile, method="nearest")) if known else nan


def tables(searches: Mapping[Key, Mapping[str, Any]]) -> Iterator[str]:
    """Lines in Markdown about the searches on the table of networks."""
    found = {key: entry["tried"] for key, entry in searches.items() if key[0] in SHARES}
    yield "| clock | budget | seconds count | seeds | not found | seconds (quartiles) | jobs |"
    yield "| --- " * 7 + "|"
    for clock, shares in SHARES.items():
        for share, mode in itertools.product(shares, (PLAIN, PER_SECOND)):
            runs = {k: v for k, v in found.items() if k[:4] == (clock, share, mode, inf)}
            if runs:
                yield _until_found(clock, share, mode, runs)
    yield ""
    yield "| clock | budget | limit, s | seconds count | seeds | error in time, % | seconds over |"
    yield "| --- " * 7 + "|"
    for clock, shares in SHARES.items():
        for limit, share in itertools.product(LIMITS_S[clock], shares):
            for mode in (PLAIN, LIMITED):
                runs = {k: v for k, v in found.items() if k[:4] == (clock, share, mode, limit)}
                if runs:
                    yield _in_time(clock, share, limit, mode, runs)


def _until_found(clock: str, share: int, mode: str, runs: Mapping[Key, list[int]]) -> str:
    goal = lowest(share) + WITHIN
    seconds, jobs = [], []
    for key, tried in runs.items():
        after = history(key, tried)
        number = next((i for i, (_, best) in enumerate(after) if best <= goal), None)
        seconds.append(inf if number is None else after[number][0])
        jobs.append(len(after) if number is None else number + 1)
    low, middle, high = (_middle(seconds, quantile) for quantile in (0.25, 0.5, 0.75))
    missing = sum(map(isinf, seconds))
    return (
        f"| {clock} | {share} % | {mode} | {len(runs)} | {missing} | "
        f"{middle:.0f} ({low:.0f} to {high:.0f}) | {np.median(jobs):.0f} |"
    )


def _in_time(clock: str, share: int, limit: float, mode: str, runs: Mapping[Key, list[int]]) -> str:
    errors, over = [], []
    for key, tried in runs.items():
        after = history(key, tried)
        errors.append(min((best for now, best in after if now <= limit), default=inf))
        over.append(max(after[-1][0] - limit, 0.0) if after else 0.0)
    each = " ".join(f"{error:g}" for error in sorted(errors))
    return (
        f"| {clock} | {share} % | {limit:g} | {mode} | {len(runs)} | "
        f"{np.mean(errors):.2f} ({each}) | {np.mean(over):.1f} |"
    )


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Improvement per second, replayed on tables.")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--table", type=Path, help="learning curves, such as taskset12.npz")
    parser.add_argument("--report", action="store_true", help="print the tables only")
    args = parser.parse_args()
    if not args.report:
        run(args.results, args.seeds, args.table)
    report = tables if args.table is None else epochs_table
    print("\n".join(report(read(args.results))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
