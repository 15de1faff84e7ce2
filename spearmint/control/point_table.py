"""Tables of points: one row per variable, one column per point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spearmint.config import Task
from spearmint.config.options import NAME
from spearmint.console.printing import printable

Params = Mapping[str, Mapping[str, Any]]
_LONGEST = 40


def shown(value: Any) -> str:
    """A value in one line: floats with six digits, options cut off after 40 characters.

    `{"name": "keras.layers.ReLU"}` is shown as the name.
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping) and set(value) == {NAME}:
        value = value[NAME]
    text = printable(str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def shown_of(task: Task, value: float) -> str:
    """A task's value in one line, with the sign that people read."""
    return shown(0.0 - value if task.negated else value)


def table(columns: Sequence[tuple[str, Params]]) -> str:
    """Points side by side, with the name and type of each variable that matters at one of them.

    Args:
        columns: Per point, the heading of its column and its `params`.
    """
    points = [point_rows(params) for _, params in columns]
    names = list(dict.fromkeys(name for point in points for name in point))
    lines = [["name", "type", *(heading for heading, _ in columns)]]
    for name in names:
        kind = next(point[name][0] for point in points if name in point)
        lines.append([name, kind, *(point[name][1] if name in point else "-" for point in points)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  " + _aligned(line, widths) for line in lines)


def point_rows(params: Params) -> dict[str, tuple[str, str]]:
    """The type and the value of each variable by its name; a vector has one row per element."""
    rows = {}
    for name, param in params.items():
        if param.get("active") is False:
            continue
        values = param["values"]
        for index, value in enumerate(values):
            row = name if len(values) == 1 else f"{name}[{index}]"
            rows[printable(row)] = (printable(str(param["type"]).lower()), shown(value))
    return rows


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    """The cells of a line: names and types to the left, values to the right."""
    cells = list(zip(line, widths, strict=True))
    left = [cell.ljust(width) for cell, width in cells[:2]]
    return "  ".join([*left, *(cell.rjust(width) for cell, width in cells[2:])]).rstrip()
