"""The default search on the table of networks with predicted costs, asked as a controller asks it.

Candidates are predicted before they become jobs, with an error of a given size, by the controller's
own code (`spearmint/control/suggestions.py`). The check answers at once, from the table.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
from spearmint.errors import SpaceExhaustedError
from spearmint.optimiser.pausing import Decision

Job = Mapping[str, Any]

#: Without predictions; unbiased ones with relative errors of 6, 12 and 25 %; ones that are 30 % off
#: everywhere but are stated to be 12 % off.
KINDS = {"off": None, "6 %": (0.06, 0.0), "12 %": (0.12, 0.0), "25 %": (0.25, 0.0)}
KINDS["12 %, 30 % too high"] = (0.12, 0.3)
#: Predictions as exact as measurements, for searches that know all costs beforehand.
EXACT = "exact"
#: Their relative error.
EXACTLY = 1e-4
#: Percentage points.
CLOSE = 0.5
NAMES = tuple(digits.VARIABLES)


@dataclass
class Table:
    """Answers of the table for one budget, with predictions of one kind.

    Attributes:
        share: Of networks that meet the budget.
        kind: One of `KINDS`, or `EXACT`.
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
        spread, bias = self.stated or (0.0, 0.0)
        rng = np.random.default_rng([self.seed, 7])
        # Networks that differ in their learning rate alone are one network.
        structures = sorted({where[:-1] for where in self.costs}, key=str)
        errors = (1 + bias) * np.exp(spread * rng.normal(size=len(structures)))
        factors = dict(zip(structures, errors, strict=True))
        self.predicted = {w: cost * factors[w[:-1]] for w, cost in self.costs.items()}

    @property
    def stated(self) -> tuple[float, float] | None:
        """The relative error that predictions are stated to have, and their bias."""
        return (EXACTLY, 0.0) if self.kind == EXACT else KINDS[self.kind]

    @property
    def lowest(self) -> float:
        """The lowest error, in %, within the budget."""
        return min(self.errors[w] for w, cost in self.costs.items() if cost <= self.bound)

    @property
    def target(self) -> float:
        """An error, in %, with which a search has succeeded."""
        return self.lowest + CLOSE

    def prediction(self, where: tuple[Any, ...]) -> dict[str, list[float]]:
        """What is left of the budget there, in ms: mean and standard deviation."""
        stated = self.stated
        if stated is None:
            return {}
        cost = self.predicted[where]
        return {"latency": [1e3 * (self.bound - cost), 1e3 * stated[0] * cost]}


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
    """The values of a job's `params`."""
    return tuple(params[name]["values"][0] for name in NAMES)


@dataclass
class Predicted:
    """A chooser and its predictions.

    Attributes:
        suggestions: The controller's part that asks them.
        checker: Predicts.
    """

    suggestions: Suggestions
    checker: Direct

    def suggest(self, jobs: Sequence[Job]) -> dict[str, Any]:
        """The `params` of the next job.

        Raises:
            SpaceExhaustedError: There is none.
        """
        while not self.suggestions.exhausted:
            params = self.suggestions.suggest(jobs)
            if params is not None:
                return params
        raise SpaceExhaustedError(self.suggestions.exhausted)

    def pausing(self, jobs: Sequence[Job], *, new: bool) -> Decision:
        """What becomes of paused jobs."""
        return self.suggestions.pausing(jobs, new=new)

    @property
    def of_last(self) -> dict[str, Any]:
        """What the controller adds to the job that was suggested last."""
        found = self.suggestions.predictions
        return {"predictions": found} if found else {}


@contextlib.contextmanager
def predicted(
    table: Table, seed: int, objective: str = "error", keys: Mapping[str, Any] | None = None
) -> Iterator[Predicted]:
    """A search with predictions; what it prints is discarded.

    Args:
        table: Answers.
        seed: Of the chooser.
        objective: The name of its task.
        keys: Further keys of config.json.
    """
    config = parse(
        {
            "variables": digits.VARIABLES,
            "tasks": {objective: {"type": "OBJECTIVE"}, "latency": {"type": "CONSTRAINT"}},
            "main-file": "none.py",
            "seed": seed,
            "candidate-check": {"function": "none.py:check", "tell-main": True},
        }
        | dict(keys or {})
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
            yield Predicted(suggestions, checker)
