"""Job documents -> arrays, and the one place that says when a constraint is met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.config import Task
from spearmint.optimiser.space import Array, Space

Job = Mapping[str, Any]

#: Where jobs do not fail: a constraint of its own, learnt from jobs without values.
FAILURE = Task("(failure)", objective=False, likelihood="STEP", min_confidence=0.5)


@dataclass(frozen=True, slots=True)
class Observations:
    """What is known, as arrays; rows are ordered by job id.

    Attributes:
        tasks: The T tasks, objective first.
        codes: Points of finished jobs, shape (n, A).
        values: Their values, shape (n, T); NaN where there is none, infinities kept.
        failed: Shape (n,): 1 where the job failed (broken, or NaN that no broken constraint
            explains), 0 where all its values could be had, NaN where nothing is known of it: it
            was given up before its objective because a constraint was not met.
        met: Which constraints are met, shape (n, T - 1).
        pending: Points of jobs that are not finished, shape (p, A).
        count: Number of all jobs.
    """

    tasks: tuple[Task, ...]
    codes: Array
    values: Array
    failed: Array
    met: NDArray[np.bool_]
    pending: Array
    count: int

    @property
    def tried(self) -> Array:
        """Points of all jobs, shape (n + p, A)."""
        return np.vstack([self.codes, self.pending])

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Which meet every constraint, shape (n,)."""
        feasible: NDArray[np.bool_] = np.all(self.met, axis=1)
        return feasible

    @property
    def order(self) -> NDArray[np.intp]:
        """Rows from best to worst: fewest constraints broken first, then lowest objective."""
        objective = np.where(np.isfinite(self.values[:, 0]), self.values[:, 0], np.inf)
        return np.lexsort((objective, np.sum(~self.met, axis=1)))


def observe(tasks: tuple[Task, ...], space: Space, jobs: Sequence[Job]) -> Observations:
    """The arrays of job documents (any order, any status).

    Raises:
        UserError: A job's params do not belong to this space.
    """
    codes, values, failed, pending = [], [], [], []
    for job in sorted(jobs, key=lambda job: job.get("id", 0)):
        point = space.encode(job["params"], where=f"job {job.get('id', '?')}")
        if job.get("status") not in {"complete", "broken"}:
            pending.append(point)
            continue
        row = task_values(tasks, job)
        codes.append(point)
        values.append(row)
        failed.append(1.0 if job["status"] == "broken" else _failure(tasks, row))
    shape = (-1, space.dimension)
    table = np.array(values, dtype=float).reshape(-1, len(tasks))
    met = np.zeros((len(table), len(tasks) - 1), dtype=np.bool_)
    for i, found in enumerate(table):
        met[i] = [task.met(value) for task, value in zip(tasks[1:], found[1:], strict=True)]
    return Observations(
        tasks=tasks,
        codes=np.array(codes, dtype=float).reshape(shape),
        values=table,
        failed=np.array(failed, dtype=float),
        met=met,
        pending=np.array(pending, dtype=float).reshape(shape),
        count=len(jobs),
    )


def task_values(tasks: Sequence[Task], job: Job) -> list[float]:
    """A job's values in the order of `tasks`; NaN where there is none.

    A bare number is the value of every task (a bare NaN = nothing could be had). An objective of
    -inf is no value that anything could improve on: NaN.
    """
    values = job.get("values")
    if not isinstance(values, Mapping):
        values = {task.name: nan if values is None else values for task in tasks}
    row = [float(nan if (v := values.get(task.name)) is None else v) for task in tasks]
    if row[0] == -np.inf:
        row[0] = nan
    return row


def meets_all(tasks: Sequence[Task], row: Iterable[float]) -> bool:
    """Whether a row of values meets every constraint."""
    return all(
        task.met(value) for task, value in zip(tasks, row, strict=True) if not task.objective
    )


def _failure(tasks: Sequence[Task], row: Sequence[float]) -> float:
    if not any(isnan(value) for value in row):
        return 0.0
    explained = any(
        not task.objective and not isnan(value) and not task.met(value)
        for task, value in zip(tasks, row, strict=True)
    )
    return nan if explained else 1.0


def best_observed(tasks: Sequence[Task], jobs: Sequence[Job]) -> dict[str, Any] | None:
    """The complete job with the lowest finite objective that meets every constraint.

    Of equals the one with the lowest id; None when there is none.
    """
    best: tuple[float, Any, Job] | None = None
    for job in jobs:
        if job.get("status") != "complete":
            continue
        row = task_values(tasks, job)
        if not isfinite(row[0]) or not meets_all(tasks, row):
            continue
        rank = (row[0], job.get("id", 0))
        if best is None or rank < best[:2]:
            best = (*rank, job)
    return None if best is None else dict(best[2])
