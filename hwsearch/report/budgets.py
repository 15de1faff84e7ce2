"""The best network for each budget of a sweep."""

from __future__ import annotations

import math
from dataclasses import replace

from hwsearch.experiment.sweep import Sweep
from hwsearch.report.columns import Column
from hwsearch.report.row import Row, State
from hwsearch.report.run_table import RunTable
from hwsearch.report.sections import Section

_EVALUATED = (State.TRAINED, State.STOPPED, State.MEASURED)


def budgets(table: RunTable) -> list[tuple[Column, Row | None]]:
    """The column of the metric with each of its bounds, and the best row under it.

    Returns:
        [] if the run has one budget; None for a budget that no row meets.
    """
    sweep = None if table.settings is None else Sweep.of(table.settings)
    if sweep is None:
        return []
    (swept,) = (column for column in table.bounded if column.name == sweep.metric)
    others = [column for column in table.bounded if column is not swept]
    known = [
        row
        for row in table.rows
        if row.state in _EVALUATED
        and math.isfinite(row.value(table.objective))
        and all(column.met(row.value(column)) for column in others)
    ]
    found = []
    for bound in sweep.bounds:
        column = replace(swept, bound=bound)
        rows = [row for row in known if column.met(row.value(column))]
        found.append((column, table.first(rows)))
    return found


def section(table: RunTable) -> Section:
    """A table with a line for each budget; empty if there is one budget."""
    shown = [table.objective, *table.bounded]
    head = ["budget", "job", *(column.name for column in shown)]
    rows = []
    for column, best in budgets(table):
        values = ["none" if best is None else str(best.job)]
        values += ["" if best is None else best.shown(one) for one in shown]
        rows.append([f"{column.name} {column.condition}", *values])
    if not rows:
        return Section("")
    return Section("Best network for each budget", (), head, rows)
