"""Job documents as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.config import Task
from spearmint.optimiser.curves import Forecast, foresee
from spearmint.optimiser.elapsed import seconds_taken
from spearmint.optimiser.front import crowding, front_numbers
from spearmint.optimiser.job_values import Job, check, task_values
from spearmint.optimiser.space import Array, Space

#: A job with this key is a result of another experiment; the value says of which.
FROM = "learned from"

#: The key of a job for what was predicted of its values: [mean, standard deviation] by task.
PREDICTIONS = "predictions"

#: The key of a complete job for the constraints that its objective left open: see `worker.outcome`.
UNMEASURED = "unmeasured"

#: A further constraint, "the job does not fail": learnt from which jobs failed.
FAILURE = Task("(failure)", objective=False, likelihood="STEP", min_confidence=0.5)


@dataclass(frozen=True, slots=True)
class Observations:
    """The jobs as arrays; rows are in the order of job ids.

    Attributes:
        tasks: The T tasks, the K objectives first.
        codes: Points of finished jobs, shape (n, A).
        values: Their values, shape (n, T); NaN if there is none, infinities kept.
        failed: Shape (n,): 1 if the job failed (its status is broken, or a value is NaN although
            no constraint is known to be violated), 0 if it returned every value but those that it
            left open. NaN if neither is known: it was stopped before its objective was computed,
            because it violates a constraint.
        met: Which constraints are met, shape (n, T - K).
        pending: Points of unfinished jobs, shape (p, A).
        count: Number of all jobs.
        wide: The space of the codes: the searched one, or one with more options. A job may be
            older than a change of the space.
        inside: Which finished jobs are in the searched space and of this experiment, shape (n,).
            The others inform the models, but they are neither tried nor the best.
        left_out: Points of finished jobs in the searched space that are not among `codes`,
            shape (k, A).
        predicted: What was predicted of the values before the jobs ran: means and standard
            deviations, shape (n, T, 2); NaN without a prediction.
        seconds: How long the finished jobs took, shape (n,); NaN if that is unknown.
        interval: The 16 and 84 % quantiles of the objective of jobs whose training is unfinished:
            their values are forecasts. NaN for finished jobs; shape (n, 2). None without forecasts.
    """

    tasks: tuple[Task, ...]
    codes: Array
    values: Array
    failed: Array
    met: NDArray[np.bool_]
    pending: Array
    count: int
    wide: Space
    inside: NDArray[np.bool_]
    left_out: Array
    predicted: Array
    seconds: Array
    interval: Array | None = None

    @property
    def foreseen(self) -> NDArray[np.bool_]:
        """Which rows are forecasts, shape (n,)."""
        if self.interval is None:
            return np.zeros(len(self.codes), dtype=np.bool_)
        return ~np.isnan(self.interval[:, 0])

    @property
    def tried(self) -> Array:
        """Points of all jobs that are in the searched space, shape (m, A)."""
        return np.vstack([self.codes[self.inside], self.pending, self.left_out])

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Which finished jobs are in the searched space and meet every constraint, shape (n,)."""
        feasible: NDArray[np.bool_] = np.all(self.met, axis=1) & self.inside
        return feasible

    def without_constraints(self) -> Observations:
        """The same jobs, of which only the objectives are known."""
        count = self.objectives
        return replace(
            self,
            tasks=self.tasks[:count],
            values=self.values[:, :count],
            met=self.met[:, :0],
            predicted=self.predicted[:, :count],
        )

    def met_by(self, task: Task, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of some rows meet a constraint, `FAILURE` included; shape (k,)."""
        if task is FAILURE:
            return np.equal(self.failed[rows], 0.0)
        met: NDArray[np.bool_] = self.met[rows, self.tasks.index(task) - self.objectives]
        return met

    @property
    def objectives(self) -> int:
        """K, the number of objectives."""
        return sum(task.objective for task in self.tasks)

    @property
    def order(self) -> NDArray[np.intp]:
        """Rows in the searched space from best to worst, shape (k,).

        The fewest violated constraints come first, then the lowest objective. Of several
        objectives, the first fronts come first, and in each front the least crowded points.
        """
        values = self.values[:, : self.objectives]
        values = np.where(np.isfinite(values), values, np.inf)
        violated = np.sum(~self.met, axis=1)
        if self.objectives == 1:
            rows = np.lexsort((values[:, 0], violated))
        else:
            rows = _front_order(values, violated)
        return rows[self.inside[rows]]


def observe(
    tasks: tuple[Task, ...],
    space: Space,
    jobs: Sequence[Job],
    forecasts: Mapping[int, Forecast] | None = None,
) -> Observations:
    """The arrays of jobs.

    Args:
        tasks: The objective first.
        space: The space of the jobs' points.
        jobs: Documents with any status, in any order.
        forecasts: What is expected of unfinished trainings, by job id; of one objective.

    Raises:
        UserError: A job is not a dictionary as described, its `params` are not a point of this
            space, or its `values` are not those of the tasks.
    """
    for job in jobs:
        check(job, tasks)
    jobs = sorted(jobs, key=lambda job: job.get("id", 0))
    wide = space.widened([job["params"] for job in jobs])
    points = wide.encode_all(
        [job["params"] for job in jobs], lambda row: f"job {jobs[row].get('id', '?')}"
    )
    learned = np.array([FROM in job for job in jobs], dtype=bool)
    inside = space.contains(points) & ~learned
    forecasts = forecasts or {}
    is_finished = np.array(
        [job.get("status") in {"complete", "broken"} or job.get("id") in forecasts for job in jobs],
        dtype=bool,
    )
    finished = [job for job, ended in zip(jobs, is_finished, strict=True) if ended]
    table = np.array([task_values(tasks, job) for job in finished], dtype=float)
    table = table.reshape(-1, len(tasks))
    failed = _failed(tasks, finished, table, learned[is_finished])
    interval = foresee(finished, forecasts, table, failed)
    return Observations(
        tasks=tasks,
        codes=points[is_finished],
        values=table,
        failed=failed,
        met=_met(tasks, table),
        pending=points[~is_finished & inside],
        count=len(jobs),
        wide=wide,
        inside=inside[is_finished],
        left_out=points[:0],
        predicted=predictions(tasks, [job.get(PREDICTIONS) for job in finished]),
        seconds=np.array([nan if FROM in job else seconds_taken(job) for job in finished]),
        interval=interval,
    )


def predictions(tasks: Sequence[Task], given: Sequence[Any]) -> Array:
    """Predictions by task as an array.

    Args:
        tasks: The T tasks.
        given: For each of n points [mean, standard deviation] by task; anything else is unknown.

    Returns:
        Shape (n, T, 2), NaN where there is no prediction.
    """
    found = np.full((len(given), len(tasks), 2), np.nan)
    for row, entry in enumerate(given):
        for column, task in enumerate(tasks):
            pair = entry.get(task.name) if isinstance(entry, Mapping) else None
            if is_prediction(pair):
                found[row, column] = pair
    return found


def is_prediction(pair: Any) -> bool:
    """Whether this is a finite mean with a finite standard deviation, 0 or more."""
    return (
        isinstance(pair, list | tuple)
        and len(pair) == 2
        and all(isinstance(one, int | float) and isfinite(one) for one in pair)
        and pair[1] >= 0
    )


def _front_order(values: Array, violated: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows by the number of violated constraints, then by the front, then by crowding.

    Args:
        values: Objectives, shape (n, K), inf if unknown.
        violated: Shape (n,).
    """
    number, apart = np.zeros(len(values), dtype=np.intp), np.zeros(len(values))
    for count in np.unique(violated):
        same = np.flatnonzero(violated == count)
        number[same] = front_numbers(values[same])
        for front in np.unique(number[same]):
            rows = same[number[same] == front]
            if np.isfinite(values[rows]).all():
                apart[rows] = crowding(values[rows])
    return np.lexsort((-apart, number, violated))


def _met(tasks: Sequence[Task], table: Array) -> NDArray[np.bool_]:
    """`Observations.met` of values, shape (n, T)."""
    constraints = [(i, task) for i, task in enumerate(tasks) if not task.objective]
    met = np.zeros((len(table), len(constraints)), dtype=np.bool_)
    for column, (i, task) in enumerate(constraints):
        met[:, column] = [task.met(value) for value in table[:, i].tolist()]
    return met


def _failed(
    tasks: Sequence[Task], finished: Sequence[Job], table: Array, learned: NDArray[np.bool_]
) -> Array:
    """`Observations.failed` of finished jobs.

    Args:
        tasks: The T tasks.
        finished: The n jobs.
        table: Their values, shape (n, T).
        learned: Which of them are of another experiment, shape (n,).
    """
    failed = np.zeros(len(table))
    incomplete = np.isnan(table).any(axis=1)
    for i in np.flatnonzero(incomplete).tolist():
        failed[i] = _failure(tasks, table[i].tolist(), finished[i].get(UNMEASURED) or ())
    failed[[job["status"] == "broken" for job in finished]] = 1.0
    # What another experiment did not have, or measured otherwise, is no failure.
    failed[learned & incomplete] = nan
    return failed


def _failure(tasks: Sequence[Task], row: Sequence[float], left_open: Sequence[str]) -> float:
    """`Observations.failed` of a row with a NaN whose job is complete."""
    explained = any(
        not task.objective and not isnan(value) and not task.met(value)
        for task, value in zip(tasks, row, strict=True)
    )
    if explained:
        return nan
    missing = {task.name for task, value in zip(tasks, row, strict=True) if isnan(value)}
    return float(not missing <= set(left_open))
