"""Job documents -> arrays, and the one place that says when a constraint is met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.errors import UserError
from spearmint.optimiser.space import Array, Space

Job = Mapping[str, Any]

LIKELIHOODS = ("GAUSSIAN", "NOISELESS", "BINOMIAL", "STEP")
#: Likelihoods whose values are outcomes, 1 (yes) or 0 (no).
OUTCOMES = ("BINOMIAL", "STEP")
#: The name of the task of a config.json without `tasks`.
MAIN = "main"


@dataclass(frozen=True, slots=True)
class Task:
    """One number that the objective returns.

    Attributes:
        name: Key in a job's `values`.
        objective: True for the value to be minimised, False for a constraint.
        likelihood: One of `LIKELIHOODS`.
        min_confidence: Probability of being met that the model's best must reach.
    """

    name: str
    objective: bool
    likelihood: str = "GAUSSIAN"
    min_confidence: float = 0.99

    def met(self, value: float) -> bool:
        """Whether a value meets this constraint; the only place that knows the sign.

        A constraint is met when its value is >= 0. Outcomes (BINOMIAL, STEP) are 1 for met and
        0 for not. NaN does not meet anything; an objective asks for nothing but a number.
        """
        if isnan(value):
            return False
        if self.objective:
            return True
        return value > 0 if self.likelihood in OUTCOMES else value >= 0


#: Where jobs do not fail: a constraint of its own, learnt from jobs without values.
FAILURE = Task("(failure)", objective=False, likelihood="STEP", min_confidence=0.5)


def tasks_of(config: Mapping[str, Any]) -> tuple[Task, ...]:
    """The tasks of a config.json, objective first.

    Raises:
        UserError: Not exactly one objective, or a task is not well described.
    """
    specs = config.get("tasks")
    if not specs:
        likelihood = _likelihood(MAIN, config.get("likelihood", "GAUSSIAN"), objective=True)
        return (Task(MAIN, objective=True, likelihood=likelihood),)
    if not isinstance(specs, Mapping):
        raise UserError(f'config: "tasks": got {specs!r}; expected an object, a task a key')
    tasks = [_task(name, spec, config) for name, spec in specs.items()]
    objectives = [task.name for task in tasks if task.objective]
    if len(objectives) != 1:
        raise UserError(
            f'config: "tasks": exactly one must have "type" OBJECTIVE; got {objectives or "none"}'
        )
    return tuple(sorted(tasks, key=lambda task: not task.objective))


def _task(name: str, spec: Any, config: Mapping[str, Any]) -> Task:
    if not isinstance(spec, Mapping):
        raise UserError(f'config: task {name!r}: got {spec!r}; expected an object with "type"')
    kind = str(spec.get("type", "")).upper()
    if kind not in {"OBJECTIVE", "CONSTRAINT"}:
        raise UserError(
            f'config: task {name!r}: "type": got {spec.get("type")!r}; '
            "expected one of ['OBJECTIVE', 'CONSTRAINT']"
        )
    objective = kind == "OBJECTIVE"
    given = spec.get("likelihood", config.get("likelihood", "GAUSSIAN"))
    confidence = spec.get("min-confidence", 0.99)
    number = isinstance(confidence, int | float) and not isinstance(confidence, bool)
    if not number or not 0 < confidence < 1:
        raise UserError(
            f'config: task {name!r}: "min-confidence": got {confidence!r}; '
            "expected a number between 0 and 1"
        )
    return Task(name, objective, _likelihood(name, given, objective), float(confidence))


def _likelihood(name: str, given: Any, objective: bool) -> str:
    allowed = LIKELIHOODS[:2] if objective else LIKELIHOODS
    if str(given).upper() not in allowed:
        raise UserError(
            f'config: task {name!r}: "likelihood": got {given!r}; expected one of {list(allowed)}'
        )
    return str(given).upper()


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

    @property
    def incumbent(self) -> int | None:
        """Row of the lowest objective that meets every constraint."""
        objective = np.where(self.feasible & np.isfinite(self.values[:, 0]), self.values[:, 0], nan)
        return None if np.isnan(objective).all() else int(np.nanargmin(objective))


def observe(config: Mapping[str, Any], space: Space, jobs: Sequence[Job]) -> Observations:
    """The arrays of job documents (any order, any status).

    Raises:
        UserError: A job's params do not belong to this space.
    """
    tasks = tasks_of(config)
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


def best_observed(config: Mapping[str, Any], jobs: Sequence[Job]) -> dict[str, Any] | None:
    """The complete job with the lowest finite objective that meets every constraint.

    Of equals the one with the lowest id; None when there is none.
    """
    tasks = tasks_of(config)
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
