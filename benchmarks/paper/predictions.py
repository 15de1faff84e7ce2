"""What predicted costs save in a search: measurements and trainings, replayed on the digits table.

A search with one budget on latency is replayed: a network is measured when its job begins, and
trained if it meets the budget. With predictions, candidates are predicted before they become jobs,
with an error of a given size, by the controller's own code. The search ends when a network is found
whose error is within half a point of the best one that meets the budget.

Networks that are likely to meet the budget may be trained before they are measured, and measured
only if their error is as low as the best one so far (`POLICIES`).

    python -m benchmarks.paper.predictions --seeds 10 --jobs 2

A search that is in results/predictions.jsonl is not run again, so that the command continues where
it was stopped; `--seeds 0` only prints the table.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from math import inf, nan
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from benchmarks.optimiser.problems import digits
from benchmarks.paper.predicted_search import KINDS, Table, predicted, where_of
from benchmarks.paper.replay import BUILD_S, PROFILE_S
from hwsearch.experiment.measuring_order import COMPARED, LIKELY
from spearmint.control.shortlist import UNLIKELY

RESULTS = Path(__file__).resolve().parent / "results" / "predictions.jsonl"
#: Share, kind, policy, seed and length of a search.
Key = tuple[float, str, str, int, int | None]
#: Shares of the networks of the table that meet the budget.
SHARES = (0.05, 0.15, 0.4)
#: Which networks are trained before they are measured: those that meet the budget with a predicted
#: probability above this one, once so many predictions were compared with measurements.
POLICIES = {"all": (1.0, 0), "needed": (LIKELY, COMPARED), "best": (UNLIKELY, COMPARED)}
#: A search that has not found such a network by then has failed.
MOST_JOBS = 120
#: What is reported of a search.
COUNTS = (
    "jobs",
    "measured",
    "trained",
    "trained_over",
    "first",
    "left",
    "seconds",
    "checks",
    "best",
)


@dataclass
class Gate:
    """Measures and trains the networks of one search, with a clock.

    Attributes:
        table: Answers.
        policy: One of `POLICIES`.
    """

    table: Table
    policy: str = "all"
    seconds: float = 0.0
    measured: int = 0
    trained: int = 0
    trained_over: int = 0
    first: int = 0  # trained before they were measured
    left: int = 0  # and never measured
    best: float = inf
    _known: set[tuple[Any, ...]] = field(default_factory=set)

    def evaluate(self, where: tuple[Any, ...], told: Mapping[str, float] | None) -> dict[str, Any]:
        """What changes in the document of a job for a network, of which this was told."""
        error = self.table.errors[where]
        margin = self.table.bound - self.table.costs[where]
        self.seconds += BUILD_S
        if not self._is_trained_first(where, told):
            self._measure(where)
            if margin < 0:
                error = nan
            else:
                self._train(where)
        else:
            self.first += 1
            self._train(where)
            if error > self.best:
                self.left += 1
                return {"values": {"error": error, "latency": nan}, "unmeasured": ["latency"]}
            self._measure(where)
        if margin >= 0:
            self.best = min(self.best, error)
        return {"values": {"error": error, "latency": 1e3 * margin}}

    def _is_trained_first(self, where: tuple[Any, ...], told: Mapping[str, float] | None) -> bool:
        least, compared = POLICIES[self.policy]
        if told is None or where[:-1] in self._known:
            return False
        return told["probability"] > least and told["compared"] >= compared

    def _measure(self, where: tuple[Any, ...]) -> None:
        """Measures a network, unless one with the same layers was measured."""
        if where[:-1] not in self._known:
            self._known.add(where[:-1])
            self.measured += 1
            self.seconds += PROFILE_S

    def _train(self, where: tuple[Any, ...]) -> None:
        self.trained += 1
        self.trained_over += self.table.costs[where] > self.table.bound
        self.seconds += digits.rows()[where]["train_s"]


def search(
    table: Table,
    seed: int,
    most: int,
    is_enough: Callable[[Sequence[float]], bool],
    gate: Gate | None = None,
) -> tuple[list[dict[str, Any]], list[int]]:
    """One search, of at most so many jobs.

    Args:
        table: Answers.
        seed: Of the chooser.
        most: Jobs at most.
        is_enough: Whether the search ends, from its errors so far; nan where nothing was trained,
            or the network is not known to meet the budget.
        gate: Measures and trains; None measures each network first.

    Returns:
        The jobs, and how many candidates had been predicted when each began.
    """
    gate = gate or Gate(table)
    jobs: list[dict[str, Any]] = []
    errors: list[float] = []
    checks: list[int] = []
    with predicted(table, seed) as asked:
        for number in range(1, most + 1):
            params = asked.suggest(jobs)
            checks.append(asked.checker.checks)
            job: dict[str, Any] = {"id": number, "params": params, "status": "complete"}
            job |= asked.of_last
            told = asked.suggestions.expected.get("latency")
            job |= gate.evaluate(where_of(params), told)
            errors.append(job["values"]["error"] if job["values"]["latency"] >= 0 else nan)
            jobs.append(job)
            if is_enough(errors):
                break
    return jobs, checks


def replay(
    share: float, kind: str, policy: str, seed: int, length: int | None = None
) -> dict[str, Any]:
    """One search; returns how many networks it measured and trained, and how long it took.

    Args:
        share: Of networks that meet the budget.
        kind: One of `KINDS`.
        policy: One of `POLICIES`.
        seed: Of the chooser, and of the errors of the predictions.
        length: The number of its jobs; None ends it with the first one that is good enough.
    """
    table = Table(share, kind, seed)
    gate = Gate(table, policy)

    def is_enough(errors: Sequence[float]) -> bool:
        return length is None and errors[-1] <= table.target

    jobs, checks = search(table, seed, length or MOST_JOBS, is_enough, gate)
    # Candidates are built for their predictions while nothing is trained, and again as jobs.
    if table.stated is not None:
        gate.seconds += BUILD_S * checks[-1]
    return {
        "share": share,
        "kind": kind,
        "policy": policy,
        "seed": seed,
        "length": length,
        "jobs": len(jobs),
        "measured": gate.measured,
        "trained": gate.trained,
        "trained_over": gate.trained_over,
        "first": gate.first,
        "left": gate.left,
        "seconds": gate.seconds,
        "checks": checks[-1],
        "found": gate.best <= table.target,
        "best": gate.best,
    }


def report(results: Sequence[Mapping[str, Any]]) -> str:
    """A table in Markdown: means over the seeds."""
    names = {key: key.replace("_", " ") for key in COUNTS}
    lines = [
        f"| met by | predictions | measure | {' | '.join(names.values())} | not found |",
        "| --- " * (len(names) + 4) + "|",
    ]
    shares = sorted({one["share"] for one in results})
    for share, kind, policy in product(shares, KINDS, POLICIES):
        wanted = {"share": share, "kind": kind, "policy": policy}
        mine = [one for one in results if wanted.items() <= one.items()]
        if not mine:
            continue
        cells = [f"{np.mean([one[key] for one in mine]):.1f}" for key in COUNTS]
        lost = sum(not one["found"] for one in mine)
        cells = [f"{100 * share:g} %", kind, policy, *cells, f"{lost} of {len(mine)}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def read(path: Path) -> dict[Key, dict[str, Any]]:
    """The searches in a file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {_key(one): one for one in map(json.loads, lines)}


def _key(one: Mapping[str, Any]) -> Key:
    return one["share"], one["kind"], one["policy"], one["seed"], one["length"]


def run(path: Path, work: Sequence[Key], processes: int) -> None:
    """Runs the searches that are not in a file, and appends each to it."""
    known = read(path)
    missing = [key for key in work if key not in known]
    path.parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(replay, *zip(*missing, strict=True)) if missing else ():
            with path.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(found) + "\n")
            print(*_key(found), file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--shares", nargs="*", type=float, default=list(SHARES))
    parser.add_argument("--length", type=int, help="jobs of each search, whatever it finds")
    parser.add_argument("--policies", nargs="*", default=list(POLICIES), choices=list(POLICIES))
    parser.add_argument("--results", type=Path, default=RESULTS)
    args = parser.parse_args(arguments)
    work = [
        (share, kind, policy, seed, args.length)
        for seed, policy, share, kind in product(
            range(args.seeds), args.policies, args.shares, args.kinds
        )
        if policy == "all" or KINDS[kind] is not None
    ]
    run(args.results, work, args.jobs)
    print(report([one for key, one in read(args.results).items() if key[-1] == args.length]))


if __name__ == "__main__":
    main()
