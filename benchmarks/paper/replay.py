"""Searches on the table of trained networks, and how long they would take: a virtual clock.

A run is the list of the table's rows that a chooser suggested. What was trained, when, and with
what result follows from the rows, the budget and the way in which budgets are treated, so that one
run can be read with several clocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import inf, nan
from typing import Any

import numpy as np

from benchmarks.optimiser.problems import digits
from benchmarks.optimiser.problems.digits import VARIABLES
from spearmint import choosers
from spearmint.errors import SpaceExhaustedError

#: Seconds to build a network, and to profile it: what the table's networks took (make.py).
BUILD_S, PROFILE_S = 0.3, 2.0
#: Seconds that the continuation of a paused training costs, in a new process (docs/decisions.md).
CONTINUE_S = 1.1

#: How a method treats the budget, and what that means: (the chooser knows the constraint, networks
#: over it are trained).
UNAWARE, LEARNING, HYPERPOWER = "unaware", "after training", "HyperPower"
LEVELS = {UNAWARE: (False, True), LEARNING: (True, True), HYPERPOWER: (True, False)}

METHODS = ("hw_ieci", "hw_cwei", "random_search", "random_walk", "auto")


@dataclass(frozen=True)
class Network:
    """One row of the table: values of `VARIABLES`, error (%), seconds per batch and of training."""

    values: tuple[Any, ...]
    error: float
    latency_s: float
    train_s: float


@cache
def networks() -> tuple[Network, ...]:
    """The table."""
    return tuple(
        Network(values, row["error"], row["latency_s"], row["train_s"])
        for values, row in digits.rows().items()
    )


@cache
def rows() -> dict[tuple[Any, ...], int]:
    """Rows of the table by values."""
    return {network.values: row for row, network in enumerate(networks())}


@cache
def bound(share: float) -> float:
    """The latency in seconds that this percentage of the networks meets."""
    return float(np.quantile([network.latency_s for network in networks()], share / 100))


def config(method: str, level: str) -> dict[str, Any]:
    """A config.json, with tasks as gener_experiment.py writes them."""
    document: dict[str, Any] = {
        "variables": VARIABLES,
        "tasks": {"error": {"type": "OBJECTIVE"}, "latency": {"type": "CONSTRAINT"}},
        "chooser-args": {"aware": LEVELS[level][0]},
    }
    return document if method == "auto" else document | {"chooser": method}


def search(
    method: str, level: str, share: float, seed: int, trainings: int, evaluations: int
) -> list[int]:
    """The rows that a method suggests until it has trained or evaluated so many networks."""
    chooser = choosers.create(config(method, level), seed)
    jobs: list[dict[str, Any]] = []
    suggested: list[int] = []
    trained = 0
    while trained < trainings and len(suggested) < evaluations:
        try:
            params = chooser.suggest(jobs)
        except SpaceExhaustedError:
            break
        row = rows()[tuple(params[name]["values"][0] for name in VARIABLES)]
        suggested.append(row)
        network = networks()[row]
        left = bound(share) - network.latency_s
        is_trained = LEVELS[level][1] or left >= 0
        trained += is_trained
        values = {"error": network.error if is_trained else nan, "latency": left}
        number = len(suggested)
        jobs.append({"id": number, "params": params, "status": "complete", "values": values})
    return suggested


@dataclass(frozen=True)
class Replay:
    """A search with a clock.

    Attributes:
        suggested: Rows of the table, in order.
        level: One of `LEVELS`.
        share: Percentage of all networks that meet the budget.
        slower: Factor by which a training takes longer than the table's.
    """

    suggested: Sequence[int]
    level: str
    share: float
    slower: float = 1.0

    @cached_property
    def within(self) -> list[bool]:
        """Which suggested networks meet the budget."""
        return [networks()[row].latency_s <= bound(self.share) for row in self.suggested]

    @cached_property
    def trained(self) -> list[bool]:
        """Which of them were trained."""
        return [LEVELS[self.level][1] or within for within in self.within]

    @cached_property
    def clock_s(self) -> list[float]:
        """Seconds from the beginning to the end of each evaluation."""
        lasts = [
            BUILD_S + PROFILE_S + trained * self.slower * networks()[row].train_s
            for row, trained in zip(self.suggested, self.trained, strict=True)
        ]
        return np.cumsum(lasts).tolist()

    @cached_property
    def best(self) -> list[float]:
        """The lowest error, in %, of a network within the budget so far; inf if there is none."""
        errors = [
            networks()[row].error if within else inf
            for row, within in zip(self.suggested, self.within, strict=True)
        ]
        return np.minimum.accumulate(errors).tolist()

    @property
    def over(self) -> int:
        """Number of networks over the budget that were trained."""
        return sum(t and not w for t, w in zip(self.trained, self.within, strict=True))

    def time_to(self, error: float) -> float:
        """Seconds until a network within the budget has this error or less; inf if none has."""
        pairs = zip(self.clock_s, self.best, strict=True)
        return next((seconds for seconds, best in pairs if best <= error), inf)

    def until(self, seconds: float) -> Replay:
        """The part of the search that had ended after so many seconds."""
        count = sum(at <= seconds for at in self.clock_s)
        return replace(self, suggested=self.suggested[:count])

    @property
    def found(self) -> float:
        """The lowest error at the end; inf if there is none."""
        return self.best[-1] if self.suggested else inf
