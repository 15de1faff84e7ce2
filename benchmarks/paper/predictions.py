"""What predicted costs save in a search: measurements and trainings, replayed on the digits table.

A search with one budget on latency is replayed: a network is measured when its job begins, and
trained if it meets the budget. With predictions, candidates are predicted before they become jobs,
with an error of a given size, by the controller's own code. The search ends when a network is found
whose error is within half a point of the best one that meets the budget.

Networks that are likely to meet the budget may be trained before they are measured, and measured
only if their error is as low as the best one so far (`POLICIES`).

    python -m benchmarks.paper.predictions --seeds 10 --jobs 2
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import tempfile
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
from benchmarks.paper.replay import BUILD_S, PROFILE_S
from hwsearch.experiment.measuring_order import COMPARED, LIKELY
from spearmint import choosers
from spearmint.checking.checker import Verdict
from spearmint.config import parse
from spearmint.control.interrupts import Interrupts
from spearmint.control.progress import Progress
from spearmint.control.screening import Screening
from spearmint.control.shortlist import UNLIKELY
from spearmint.control.suggestions import Suggestions
from spearmint.database import connect

#: Shares of the networks of the table that meet the budget.
SHARES = (0.05, 0.15, 0.4)
#: Without predictions; unbiased ones with relative errors of 6, 12 and 25 %; ones that are 30 % off
#: everywhere but are stated to be 12 % off.
KINDS = {"off": None, "6 %": (0.06, 0.0), "12 %": (0.12, 0.0), "25 %": (0.25, 0.0)}
KINDS["12 %, 30 % too high"] = (0.12, 0.3)
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
#: Percentage points.
CLOSE = 0.5
NAMES = tuple(digits.VARIABLES)


@dataclass
class Table:
    """Answers of the table for one budget, with predictions of one kind.

    Attributes:
        share: Of networks that meet the budget.
        kind: One of `KINDS`.
        seed: Of the errors of the predictions.
        errors: In %, of the networks by their values.
    """

    share: float
    kind: str
    seed: int
    costs: dict[tuple[Any, ...], float] = field(init=False)
    predicted: dict[tuple[Any, ...], float] = field(init=False)
    errors: Mapping[tuple[Any, ...], float] = field(init=False)

    def __post_init__(self) -> None:
        rows = digits.rows()
        self.errors = {where: row["error"] for where, row in rows.items()}
        self.costs = {where: row["latency_s"] for where, row in rows.items()}
        self.bound = float(np.quantile(list(self.costs.values()), self.share))
        spread, bias = KINDS[self.kind] or (0.0, 0.0)
        rng = np.random.default_rng([self.seed, 7])
        # Networks that differ in their learning rate alone are one network.
        structures = sorted({where[:-1] for where in self.costs}, key=str)
        errors = (1 + bias) * np.exp(spread * rng.normal(size=len(structures)))
        factors = dict(zip(structures, errors, strict=True))
        self.predicted = {w: cost * factors[w[:-1]] for w, cost in self.costs.items()}
        within = [rows[w]["error"] for w, cost in self.costs.items() if cost <= self.bound]
        self.target = min(within) + CLOSE

    def prediction(self, where: tuple[Any, ...]) -> dict[str, list[float]]:
        if KINDS[self.kind] is None:
            return {}
        cost = self.predicted[where]
        return {"latency": [1e3 * (self.bound - cost), 1e3 * KINDS[self.kind][0] * cost]}


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


class Direct:
    """Answers in this process what `spearmint.checking.checker.Checker` asks another one."""

    off = ""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.checks = 0
        self._asked: Any = None

    def ask(self, params: Mapping[str, Any]) -> None:
        self._asked = params

    def answer(self) -> Verdict:
        self.checks += 1
        return Verdict({}, predictions=self.table.prediction(where_of(self._asked)))


def where_of(params: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(params[name]["values"][0] for name in NAMES)


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
        most: Jobs.
        is_enough: Whether the search ends, from its errors so far; nan where nothing was trained,
            or the network is not known to meet the budget.
        gate: Measures and trains; None measures each network first.

    Returns:
        The jobs, and how many candidates had been predicted when each began.
    """
    config = parse(
        {
            "variables": digits.VARIABLES,
            "tasks": {"error": {"type": "OBJECTIVE"}, "latency": {"type": "CONSTRAINT"}},
            "main-file": "none.py",
            "seed": seed,
            "candidate-check": {"function": "none.py:check", "tell-main": True},
        }
    )
    checker = Direct(table)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        store = connect(f"sqlite:{Path(folder, 'db.sqlite')}", "x")
        chooser = choosers.create(config)
        with Interrupts() as interrupts, store:
            progress = Progress(config.tasks, None, space=chooser.space)
            suggestions = Suggestions(config, store, chooser, progress, interrupts)
            suggestions.screening = Screening(
                config, config.candidate_check, store, checker, chooser.space, progress
            )
            return _jobs(gate or Gate(table), suggestions, checker, most, is_enough)


def _jobs(
    gate: Gate,
    suggestions: Suggestions,
    checker: Direct,
    most: int,
    is_enough: Callable[[Sequence[float]], bool],
) -> tuple[list[dict[str, Any]], list[int]]:
    jobs: list[dict[str, Any]] = []
    errors: list[float] = []
    checks: list[int] = []
    for number in range(1, most + 1):
        params = suggestions.suggest(jobs)
        while params is None:
            params = suggestions.suggest(jobs)
        checks.append(checker.checks)
        job: dict[str, Any] = {"id": number, "params": params, "status": "complete"}
        if suggestions.predictions:
            job["predictions"] = suggestions.predictions
        job |= gate.evaluate(where_of(params), suggestions.expected.get("latency"))
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
    return {
        "share": share,
        "kind": kind,
        "policy": policy,
        "seed": seed,
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--shares", nargs="*", type=float, default=list(SHARES))
    parser.add_argument("--length", type=int, help="jobs of each search, whatever it finds")
    parser.add_argument("--policies", nargs="*", default=list(POLICIES), choices=list(POLICIES))
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    work = [
        (share, kind, policy, seed, args.length)
        for seed, share, kind, policy in product(
            range(args.seeds), args.shares, args.kinds, args.policies
        )
        if policy == "all" or KINDS[kind] is not None
    ]
    with ProcessPoolExecutor(args.jobs) as pool:
        results = list(pool.map(replay, *zip(*work, strict=True)))
    if args.out:
        args.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(report(results))


if __name__ == "__main__":
    main()
