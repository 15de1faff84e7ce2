"""A run as the JSON document of its page: columns of plain numbers, and texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hwsearch import budget
from hwsearch.formatting import plain
from hwsearch.measurements.reading import without_nan
from hwsearch.printing import one_line
from hwsearch.report import row as row_of
from hwsearch.report.columns import Column
from hwsearch.report.hypervolume import shares
from hwsearch.report.page.models import in_units
from hwsearch.report.page.scales import Scale, is_number, scale_of, shortened, time_scale
from hwsearch.report.row import Row, State
from hwsearch.report.run_table import RunTable
from hwsearch.template import Template

#: Learning curves that a page keeps: those of the best networks.
MOST_CURVES = 100


@dataclass(frozen=True, slots=True)
class Source:
    """What a page is made of.

    Attributes:
        table: The run.
        written: When, for people.
        running: Whether the search is still running.
        analysis: What the optimiser's models say, by task; {} if nothing is known.
        template: That of the run; None if it is lost or there is none.
        links: The files of a job by label, as relative URLs.
    """

    table: RunTable
    written: str
    running: bool = False
    analysis: Mapping[str, Any] = field(default_factory=dict)
    template: Template | None = None
    links: Callable[[Row], Mapping[str, str]] = lambda _row: {}


def document(source: Source) -> dict[str, Any]:
    """The document; every text in it is as the user wrote it, and is escaped where it is shown."""
    table = source.table
    columns = [column for column in table.columns if _is_known(column, table.rows)]
    scales = {
        column.name: scale_of(column, [row.value(column) for row in table.rows])
        for column in columns
    }
    best = {row.job for row in table.best(None if table.has_front else 1)}
    hyperparameters = [_hyperparameter(name, table) for name in table.hyperparameters]
    numbers = {entry["name"] for entry in hyperparameters if entry["number"]}
    shown: dict[str, Any] = {
        "run": one_line(table.run),
        "written": source.written,
        "running": source.running,
        "objective": table.objective.name,
        "columns": [_column(column, scales[column.name], table) for column in columns],
        "hyperparameters": hyperparameters,
        "rows": [
            _row(row, source, columns, scales, best) | {"settings": _settings(row, numbers)}
            for row in table.rows
        ],
        "progress": _progress(table, scales),
        "curves": _curves(table),
        "models": in_units(source.analysis, columns, scales, source.template),
    }
    without: dict[str, Any] = without_nan(shown)
    return without


def _is_known(column: Column, rows: Sequence[Row]) -> bool:
    """Whether the page has something to show: all of the search, and others with a value."""
    if column.objective or column.bound is not None:
        return True
    return any(math.isfinite(row.value(column)) for row in rows)


def _column(column: Column, scale: Scale, table: RunTable) -> dict[str, Any]:
    name = one_line(column.name)
    entry: dict[str, Any] = {
        "name": column.name,
        "label": f"{name} ({scale.unit})" if scale.unit else name,
        "unit": scale.unit,
        "objective": column.objective,
        "maximised": column.maximised,
        "condition": column.condition,
        "bound": None if column.bound is None else scale.of(budget.limit(column.bound)),
    }
    if column is not table.objective:
        entry["front"] = [row.job for row in _front(table, column)]
    return entry


def _front(table: RunTable, column: Column) -> list[Row]:
    """The front in the plot of the objective against a column.

    Of two objectives, it is theirs. That of three is no line in a plane: its jobs are marked.
    """
    if not column.objective:
        return table.front(column)
    return table.best(None) if len(table.objectives) == 2 else []


def _hyperparameter(name: str, table: RunTable) -> dict[str, Any]:
    values = [row.hyperparameters[name] for row in table.rows if name in row.hyperparameters]
    numbers = all(map(is_number, values))
    options = [] if numbers else list(dict.fromkeys(one_line(plain(value)) for value in values))
    return {"name": name, "number": numbers, "options": options}


def group(row: Row, best: Collection[Any]) -> str:
    """How a job is drawn.

    Args:
        row: The job.
        best: The jobs that are the best, or on the Pareto front of several objectives.
    """
    if row.job in best:
        return "best"
    if row.feasible:
        return "under"
    if row.state in row_of.UNFINISHED:
        return "running"
    if row.state is State.REJECTED:
        return "rejected"
    if row.state is State.UNMEASURED:
        return "unmeasured"
    return "failed" if row.state in row_of.FAILED else "over"


def _row(
    row: Row,
    source: Source,
    columns: Sequence[Column],
    scales: Mapping[str, Scale],
    best: Collection[Any],
) -> dict[str, Any]:
    values = {column.name: scales[column.name].of(row.value(column)) for column in columns}
    errors = {name: scales[name].of(e) for name, e in row.std_errors.items() if name in scales}
    return {
        "job": row.job,
        "state": str(row.state),
        "group": group(row, best),
        "values": {name: value for name, value in values.items() if value is not None},
        "errors": {name: error for name, error in errors.items() if error},
        "reason": row.reason,
        "links": dict(source.links(row)),
    }


def _settings(row: Row, numbers: Collection[str]) -> dict[str, Any]:
    """The values of a job's hyper-parameters: numbers, or texts as in the list of its choices."""
    return {
        name: shortened(value) if name in numbers else one_line(plain(value))
        for name, value in row.hyperparameters.items()
    }


def _progress(table: RunTable, scales: Mapping[str, Scale]) -> dict[str, Any]:
    """The best objective under the budget after each finished job, and when that was.

    Of several objectives, the share of the front's last hypervolume.
    """
    steps = list(table.progress())
    starts = [row.start_s for row, _ in steps if math.isfinite(row.start_s)]
    begin = min(starts, default=math.nan)
    seconds = [row.end_s - begin for row, _ in steps]
    time = time_scale(max((s for s in seconds if math.isfinite(s)), default=0.0))
    shown: dict[str, Any] = {
        "unit": time.unit,
        "jobs": [row.job for row, _ in steps],
        "times": [time.of(second) for second in seconds],
    }
    if table.has_front:
        found = [None if share is None else shortened(100 * share) for share in shares(table)]
        label = "hypervolume (% of the last)"
        return shown | {"values": [None] * len(steps), "best": found, "label": label}
    objective = table.objective
    scale = scales[objective.name]
    return shown | {
        "values": [scale.of(row.value(objective)) for row, _ in steps],
        "best": [None if best is None else scale.of(best.value(objective)) for _, best in steps],
    }


def _curves(table: RunTable) -> dict[str, Any]:
    """The learning curves of the networks with the best objectives."""
    objective = table.objective
    known = [row for row in table.rows if row.measurements.history]
    known.sort(key=lambda row: _order(objective, row))
    name = next(
        (
            each
            for each in (objective.name, "error", "val_loss", "loss")
            if any(row.measurements.history.get(each) for row in known)
        ),
        "",
    )
    kept = [row for row in known if row.measurements.history.get(name)]
    return {
        "name": name,
        "unit": "%" if name == "error" else "",
        "all": len(kept),
        "jobs": [row.job for row in kept[:MOST_CURVES]],
        "values": [
            [shortened(value) for value in row.measurements.history[name]]
            for row in kept[:MOST_CURVES]
        ],
    }


def _order(objective: Column, row: Row) -> float:
    value = objective.minimised(row.value(objective))
    return value if math.isfinite(value) else math.inf
