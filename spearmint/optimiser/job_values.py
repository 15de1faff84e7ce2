"""The values of a job's document, which other programs may have written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf, nan
from typing import Any

from spearmint.config import Task
from spearmint.errors import UserError

Job = Mapping[str, Any]
STATUSES = ("new", "pending", "paused", "complete", "broken")


def check(job: Job, tasks: Sequence[Task]) -> None:
    """Refuses what would silently count as a job without values.

    Raises:
        UserError: Something is missing, has a misspelt name, or is not a number.
    """
    if not isinstance(job, Mapping):
        raise UserError(f"jobs: got {job!r}; expected a dictionary for each job")
    place = f"job {job.get('id', '?')}"
    if not isinstance(job.get("params"), Mapping):
        got = repr(job["params"]) if "params" in job else "nothing"
        raise UserError(f"{place}: params: got {got}; expected what suggest returned")
    status, values = job.get("status"), job.get("values")
    # A job that has not finished has no values, whatever its status is called.
    if status not in STATUSES and values is not None:
        got = repr(status) if "status" in job else "nothing"
        raise UserError(f"{place}: status: got {got} for a job with values; expected 'complete'")
    if status != "complete":
        return
    names = [task.name for task in tasks]
    given = values if isinstance(values, Mapping) else dict.fromkeys(names, values)
    unknown = [name for name in given if name not in names]
    missing = [name for name in names if name not in given]
    if unknown and missing:
        raise UserError(
            f"{place}: values: got {', '.join(map(str, unknown))}, which is not a task; "
            f"expected a number for each of {', '.join(names)}"
        )
    for name, value in given.items():
        try:
            float(nan if value is None else value)
        except (TypeError, ValueError):
            raise UserError(f"{place}: {name}: got {value!r}; expected a number") from None


def task_values(tasks: Sequence[Task], job: Job) -> list[float]:
    """A job's values in the order of `tasks`; NaN if there is none.

    A plain number is the value of every task; a plain NaN means that none could be determined. An
    objective of -inf counts as NaN, since no other value could improve on it.
    """
    values = job.get("values")
    if not isinstance(values, Mapping):
        values = {task.name: nan if values is None else values for task in tasks}
    row = [float(nan if (v := values.get(task.name)) is None else v) for task in tasks]
    return [
        nan if task.objective and value == -inf else value
        for task, value in zip(tasks, row, strict=True)
    ]


def meets_all(tasks: Sequence[Task], row: Iterable[float]) -> bool:
    """Whether a row of values, in the order of `tasks`, meets every constraint."""
    return all(
        task.met(value) for task, value in zip(tasks, row, strict=True) if not task.objective
    )
