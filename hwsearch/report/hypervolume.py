"""The hypervolume of a Pareto front, which says how far a search has come."""

from __future__ import annotations

from collections.abc import Sequence

from hwsearch.experiment.objectives import dominates, non_dominated
from hwsearch.report.row import Row
from hwsearch.report.run_table import RunTable

#: How far the reference point lies beyond the worst values, as a share of the range.
MARGIN = 0.1
Point = tuple[float, ...]


def hypervolume(points: Sequence[Point], reference: Sequence[float]) -> float:
    """The volume between a reference point and the points below it in all objectives.

    The last objective is cut into slices, each with the front of the points below it.

    Args:
        points: Minimised objectives.
        reference: As many values.
    """
    inside = [p for p in points if all(a < b for a, b in zip(p, reference, strict=True))]
    if not inside:
        return 0.0
    if len(reference) == 1:
        return reference[0] - min(point[0] for point in inside)
    levels = sorted({point[-1] for point in inside})
    volume = 0.0
    for bottom, top in zip(levels, [*levels[1:], reference[-1]], strict=True):
        below = [point[:-1] for point in inside if point[-1] <= bottom]
        volume += (top - bottom) * hypervolume(below, reference[:-1])
    return volume


def shares(table: RunTable) -> list[float | None]:
    """After each finished row, the share of the last hypervolume that the front had then.

    The reference point lies a tenth of the range beyond the worst values of all rows that meet
    every bound.

    Args:
        table: A run with several objectives.

    Returns:
        In the order of `table.progress()`; None as long as no row meets every bound.
    """
    rows = [row for row, _ in table.progress()]
    every = [_point(table, row) for row in rows if row.feasible]
    if not every:
        return [None] * len(rows)
    reference = [_beyond(values) for values in zip(*every, strict=True)]
    last = hypervolume([every[place] for place in non_dominated(every)], reference)
    found: list[float | None] = []
    front: list[Point] = []
    share: float | None = None
    for row in rows:
        if row.feasible:
            point = _point(table, row)
            if not any(other == point or dominates(other, point) for other in front):
                front = [*(other for other in front if not dominates(point, other)), point]
                share = hypervolume(front, reference) / last
        found.append(share)
    return found


def _point(table: RunTable, row: Row) -> Point:
    return tuple(column.minimised(row.value(column)) for column in table.objectives)


def _beyond(values: Sequence[float]) -> float:
    worst, extent = max(values), max(values) - min(values)
    return worst + MARGIN * (extent or abs(worst) or 1.0)
