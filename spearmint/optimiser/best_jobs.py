"""The best of the jobs that were observed: of one objective, or the Pareto front of several."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from spearmint.config import Task
from spearmint.optimiser.front import non_dominated
from spearmint.optimiser.job_values import Job, meets_all, task_values
from spearmint.optimiser.space import Space


def front_observed(
    tasks: Sequence[Task], jobs: Sequence[Job], space: Space | None = None
) -> list[dict[str, Any]]:
    """The Pareto front of the complete jobs that meet every constraint.

    Args:
        tasks: The objectives first.
        jobs: Documents with any status, in any order.
        space: The searched space; jobs whose points are not in it are left out.

    Returns:
        The jobs that no other one dominates, by increasing first objective.
    """
    count = sum(task.objective for task in tasks)
    candidates = []
    for job in jobs:
        row = task_values(tasks, job) if job.get("status") == "complete" else []
        objectives = row[:count]
        if not row or not all(map(isfinite, objectives)) or not meets_all(tasks, row):
            continue
        if space is None or space.holds(job["params"]):
            candidates.append((objectives, job.get("id", 0), job))
    if not candidates:
        return []
    free = non_dominated(np.array([objectives for objectives, _, _ in candidates]))
    front = [candidate for candidate, kept in zip(candidates, free, strict=True) if kept]
    return [dict(job) for _, _, job in sorted(front, key=lambda one: one[:2])]


def best_observed(
    tasks: Sequence[Task], jobs: Sequence[Job], space: Space | None = None
) -> dict[str, Any] | None:
    """The complete job with the lowest finite objective that meets every constraint.

    If several have the same objective, the one that meets its constraints by most; of equal ones,
    that with the lowest id. None if there is no such job.

    Args:
        tasks: The objective first.
        jobs: Documents with any status, in any order.
        space: The searched space; jobs whose points are not in it are left out.
    """
    best: tuple[float, float, Any, Job] | None = None
    for job in jobs:
        if job.get("status") != "complete":
            continue
        row = task_values(tasks, job)
        if not isfinite(row[0]) or not meets_all(tasks, row):
            continue
        rank = (row[0], -min(row[1:], default=0.0), job.get("id", 0))
        if (best is None or rank < best[:3]) and (space is None or space.holds(job["params"])):
            best = (*rank, job)
    return None if best is None else dict(best[3])
