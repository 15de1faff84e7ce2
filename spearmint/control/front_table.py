"""The Pareto front of several objectives as a table: one row per job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spearmint.config import Task
from spearmint.console.printing import printable
from spearmint.control.point_table import point_rows, shown_of

#: Number of rows that are printed.
MOST = 30


def front_table(tasks: Sequence[Task], front: Sequence[Mapping[str, Any]]) -> str:
    """The values and variables of the jobs of a front.

    Args:
        tasks: The objectives first.
        front: Documents of complete jobs in the order of the rows; at least one.
    """
    points = [point_rows(job["params"]) for job in front]
    names = list(dict.fromkeys(name for point in points for name in point))
    lines = [["job", *(printable(task.name) for task in tasks), *names]]
    for job, point in zip(front[:MOST], points, strict=False):
        numbers = (shown_of(task, float(job["values"][task.name])) for task in tasks)
        variables = (point[name][1] if name in point else "-" for name in names)
        lines.append([str(job["id"]), *numbers, *variables])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = "\n".join(
        "  " + "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )
    return text if len(front) <= MOST else f"{text}\n  and {len(front) - MOST} more"
