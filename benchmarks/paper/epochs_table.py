"""Searches in which the number of epochs is a hyper-parameter, on tables of learning curves.

A row is a setting of a task with 5, 10, 20, 30, 40 or 50 epochs: its value is the loss after so
many epochs, and it takes one second for each epoch and one to begin.
"""

from __future__ import annotations

from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.paper.curve_tables import DIVERGED, Table
from benchmarks.paper.pausing import FIRST
from spearmint import choosers
from spearmint.optimiser.duration import Time

EPOCHS = (5, 10, 20, 30, 40, 50)
#: Number of settings, chosen at random from the 1,000 of a table.
SETTINGS = 300
BEGIN_S = 1.0


class EpochsTable:
    """The settings of one task with different numbers of epochs.

    Args:
        path: A file with learning curves.
        task: One of `curve_tables.tasks_of`.
    """

    def __init__(self, path: Path, task: str) -> None:
        table = Table(path, task)
        chosen = np.random.default_rng(0).permutation(len(table.codes))[:SETTINGS]
        losses = table.losses[chosen][:, EPOCHS]
        self.losses = np.where(np.abs(losses) < DIVERGED, losses, inf)
        self.codes = table.codes[chosen]

    @cached_property
    def points(self) -> list[dict[str, Any]]:
        """The rows as `params`."""
        return [
            {f"x{i}": _values("float", float(v)) for i, v in enumerate(code)}
            | {"epochs": _values("int", epochs)}
            for code in self.codes
            for epochs in EPOCHS
        ]

    @property
    def goal(self) -> float:
        """The loss that one in a hundred settings reaches."""
        return float(np.sort(self.losses.min(axis=1))[max(len(self.codes) // 100 - 1, 0)])

    def evaluate(self, row: int) -> tuple[float, float]:
        """Seconds and loss."""
        return BEGIN_S + EPOCHS[row % len(EPOCHS)], float(self.losses.flat[row])

    def search(
        self, per_second: bool, seed: int, most_s: float, most_jobs: int, *, limited: bool = False
    ) -> list[int]:
        """The rows that were tried until the goal was reached.

        The first ones are random. Then the row with the highest acquisition function is next.

        Args:
            per_second: Whether the function is divided by seconds.
            seed: Of the first rows and of the chooser.
            most_s: The search is over after so many seconds,
            most_jobs: or so many jobs.
            limited: Whether the chooser knows about these seconds.
        """
        variables: dict[str, Any] = {
            f"x{i}": {"type": "FLOAT", "min": 0, "max": 1} for i in range(self.codes.shape[1])
        }
        variables["epochs"] = {"type": "INT", "min": EPOCHS[0], "max": EPOCHS[-1]}
        document = {"variables": variables, "chooser-args": {"per-second": per_second}}
        chooser = choosers.create(document, seed)
        design = np.random.default_rng(seed).permutation(len(self.points))[:FIRST].tolist()
        jobs: list[dict[str, Any]] = []
        tried: list[int] = []
        now = 0.0
        while now < most_s and len(tried) < most_jobs:
            if limited:
                chooser.time = Time(most_s, most_s - now)
            row = design[len(tried)] if len(tried) < FIRST else self._best(chooser, jobs, tried)
            seconds, loss = self.evaluate(row)
            tried.append(row)
            job = {"id": len(tried), "status": "complete", "values": loss}
            job |= {"params": self.points[row], "start time": now, "end time": now + seconds}
            jobs.append(job)
            now += seconds
            if loss <= self.goal:
                break
        return tried

    def _best(self, chooser: choosers.Chooser, jobs: list[dict[str, Any]], tried: list[int]) -> int:
        """The row with the highest acquisition function that was not tried."""
        ratings = chooser.rate(jobs, self.points, [{}] * len(self.points))
        values = np.array([rating.value for rating in ratings])
        values[tried] = -inf
        return int(np.argmax(values))


def _values(kind: str, value: float) -> dict[str, Any]:
    return {"type": kind, "values": [value]}
