"""Job documents as arrays."""

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

#: A further constraint, "the job does not fail": learnt from which jobs failed.
FAILURE = Task("(failure)", objective=False, likelihood="STEP", min_confidence=0.5)


@dataclass(frozen=True, slots=True)
class Observations:
    """The jobs as arrays; rows are in the order of job ids.

    Attributes:
        tasks: The T tasks, objective first.
        codes: Points of finished jobs, shape (n, A).
        values: Their values, shape (n, T); NaN if there is none, infinities kept.
        failed: Shape (n,): 1 if the job failed (its status is broken, or a value is NaN although
            no constraint is known to be violated), 0 if it returned every value. NaN if neither is
            known: it was stopped before its objective was computed, because it violates a
            constraint.
        met: Which constraints are met, shape (n, T - 1).
        pending: Points of unfinished jobs, shape (p, A).
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
        """Which finished jobs meet every constraint, shape (n,)."""
        feasible: NDArray[np.bool_] = np.all(self.met, axis=1)
        return feasible

    @property
    def order(self) -> NDArray[np.intp]:
        """Rows from best to worst: fewest violated constraints first, then lowest objective."""
        objective = np.where(np.isfinite(self.values[:, 0]), self.values[:, 0], np.inf)
        return np.lexsort((objective, np.sum(~self.met, axis=1)))


def observe(tasks: tuple[Task, ...], space: Space, jobs: Sequence[Job]) -> Observations:
    """The arrays of jobs.

    Args:
        tasks: The objective first.
        space: The space of the jobs' points.
        jobs: Documents with any status, in any order.

    Raises:
        UserError: The `params` of a job are not a point of this space.
    """
    codes, values, failed, pending = [], [], [], []
    for job in sorted(jobs, key=lambda job: job.get("id", 0)):
        point = space.encode(job["params"], place=f"job {job.get('id', '?')}")
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
    for i, job_values in enumerate(table):
        met[i] = [task.met(value) for task, value in zip(tasks[1:], job_values[1:], strict=True)]
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
    """A job's values in the order of `tasks`; NaN if there is none.

    A plain number is the value of every task; a plain NaN means that none could be determined. An
    objective of -inf counts as NaN, since no other value could improve on it.
    """
    values = job.get("values")
    if not isinstance(values, Mapping):
        values = {task.name: nan if values is None else values for task in tasks}
    row = [float(nan if (v := values.get(task.name)) is None else v) for task in tasks]
    if row[0] == -np.inf:
        row[0] = nan
    return row


def meets_all(tasks: Sequence[Task], row: Iterable[float]) -> bool:
    """Whether a row of values, in the order of `tasks`, meets every constraint."""
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

    If several have the same objective, the one with the lowest id; None if there is no such job.
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
