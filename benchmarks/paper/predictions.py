"""What predicted costs save in a search: measurements and trainings, replayed on the digits table.

A search with one budget on latency is replayed: a network is measured when its job begins, and
trained if it meets the budget. With predictions, candidates are predicted before they become jobs,
with an error of a given size, by the controller's own code. The search ends when a network is found
whose error is within half a point of the best one that meets the budget.

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
from math import isnan, nan
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from benchmarks.optimiser.problems import digits
from spearmint import choosers
from spearmint.checking.checker import Verdict
from spearmint.config import parse
from spearmint.control.interrupts import Interrupts
from spearmint.control.progress import Progress
from spearmint.control.screening import Screening
from spearmint.control.suggestions import Suggestions
from spearmint.database import connect

#: Shares of the networks of the table that meet the budget.
SHARES = (0.05, 0.15, 0.4)
#: Without predictions; unbiased ones with relative errors of 6, 12 and 25 %; ones that are 30 % off
#: everywhere but are stated to be 12 % off.
KINDS = {"off": None, "6 %": (0.06, 0.0), "12 %": (0.12, 0.0), "25 %": (0.25, 0.0)}
KINDS["12 %, 30 % too high"] = (0.12, 0.3)
#: A search that has not found such a network by then has failed.
MOST_JOBS = 120
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
    """

    share: float
    kind: str
    seed: int
    costs: dict[tuple[Any, ...], float] = field(init=False)
    predicted: dict[tuple[Any, ...], float] = field(init=False)

    def __post_init__(self) -> None:
        rows = digits.rows()
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
    table: Table, seed: int, most: int, is_enough: Callable[[Sequence[float]], bool]
) -> tuple[list[dict[str, Any]], list[int]]:
    """One search, of at most so many jobs.

    Args:
        table: Answers.
        seed: Of the chooser.
        most: Jobs.
        is_enough: Whether the search ends, from its errors so far; nan where nothing was trained.

    Returns:
        The jobs, and how many candidates had been predicted when each began.
    """
    config = parse(
        {
            "variables": digits.VARIABLES,
            "tasks": {"error": {"type": "OBJECTIVE"}, "latency": {"type": "CONSTRAINT"}},
            "main-file": "none.py",
            "seed": seed,
            "candidate-check": "none.py:check",
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
            return _jobs(table, suggestions, checker, most, is_enough)


def _jobs(
    table: Table,
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
        where = where_of(params)
        margin = table.bound - table.costs[where]
        errors.append(digits.rows()[where]["error"] if margin >= 0 else nan)
        jobs.append(job | {"values": {"error": errors[-1], "latency": 1e3 * margin}})
        if is_enough(errors):
            break
    return jobs, checks


def replay(share: float, kind: str, seed: int) -> dict[str, Any]:
    """One search; returns how many networks it measured and trained, with and without reuse."""
    table = Table(share, kind, seed)
    jobs, checks = search(table, seed, MOST_JOBS, lambda errors: errors[-1] <= table.target)
    errors = [job["values"]["error"] for job in jobs]
    structures = {where_of(job["params"])[:-1] for job in jobs}
    return {
        "share": share,
        "kind": kind,
        "seed": seed,
        "measured": len(jobs),
        "structures": len(structures),
        "trained": sum(not isnan(error) for error in errors),
        "checks": checks[-1],
        "found": errors[-1] <= table.target,
    }


def report(results: Sequence[Mapping[str, Any]]) -> str:
    """A table in Markdown: means over the seeds."""
    lines = [
        "| met by | predictions | jobs | measured | trained | predicted | not found |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for share in SHARES:
        for kind in KINDS:
            mine = [one for one in results if (one["share"], one["kind"]) == (share, kind)]
            if not mine:
                continue
            cells = [
                f"{np.mean([one[key] for one in mine]):.1f}"
                for key in ("measured", "structures", "trained", "checks")
            ]
            lost = sum(not one["found"] for one in mine)
            lines.append(
                f"| {100 * share:g} % | {kind} | {' | '.join(cells)} | {lost} of {len(mine)} |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    work = [(s, k, seed) for s in SHARES for k in args.kinds for seed in range(args.seeds)]
    with ProcessPoolExecutor(args.jobs) as pool:
        results = list(pool.map(replay, *zip(*work, strict=True)))
    if args.out:
        args.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(report(results))


if __name__ == "__main__":
    main()
