"""The report on a run: best networks, trade-offs, what was left out and why, and the time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from hwsearch.experiment.objectives import goal, listed
from hwsearch.formatting import UNKNOWN, cost, counted, duration, jobs, plain
from hwsearch.measurements.fold import reported
from hwsearch.printing import shortened
from hwsearch.report import budgets
from hwsearch.report.columns import Column
from hwsearch.report.effort import SHORTEST_S
from hwsearch.report.reasons import by_frequency
from hwsearch.report.row import FAILED, UNFINISHED, Row, State
from hwsearch.report.run_table import RunTable
from hwsearch.report.sections import Section
from hwsearch.report.time_spent import between, elapsed_s, time_spent

#: The longest value of a hyper-parameter in a table, and the longest reason, in characters.
LONGEST_VALUE, LONGEST_REASON = 24, 300
REASONS = 5
JOBS = 8


def overview(
    table: RunTable,
    *,
    most: int = 10,
    calibration_s: float = 0.0,
    whole_s: float = math.nan,
    notes: Sequence[str] = (),
    models: Sequence[str] = (),
) -> list[Section]:
    """The whole report.

    Args:
        table: The run.
        most: How many of the best rows are shown.
        calibration_s: How long random networks were measured for the bounds.
        whole_s: How long the run took, that included; NaN = as far as its jobs show it.
        notes: What the reader must know about the run's data.
        models: Where trained networks are.
    """
    parts = [
        Section("", [*heading(table), *(f"note: {note}" for note in notes)]),
        budgets.section(table),
        *best_rows(table, most),
        Section("Trained networks", models),
        *(front(table, column, most) for column in table.bounded),
        *_over(table),
        *_failed(table),
        *_time(table, calibration_s, whole_s),
    ]
    return [part for part in parts if part.lines or part.rows]


def noun(table: RunTable, count: int) -> str:
    """`1 network`, `20 networks`; jobs if the objective is not a network's."""
    return counted(count, _word(table))


def heading(table: RunTable) -> list[str]:
    """What is searched for, and how many jobs had which end."""
    wanted = goal([(column.name, column.maximised) for column in table.objectives])
    bounds = [f"{column.name} {column.condition}" for column in table.bounded]
    states = Counter(row.state for row in table.rows)
    counts = ", ".join(f"{states[state]} {state}" for state in State if states[state])
    return [
        f"run {table.run}: {wanted}" + (f" with {', '.join(bounds)}" if bounds else ""),
        f"{noun(table, len(table.rows))}: {counts or 'none yet'}",
    ]


def values(table: RunTable, row: Row) -> str:
    """The objectives and the bounded metrics of a row: "error 2.8 %, power 84 W (below 85 W)"."""
    return ", ".join(
        f"{column.name} {row.shown(column)}" + (f" ({column.condition})" if column.bound else "")
        for column in (*table.objectives, *table.bounded)
    )


def best_rows(table: RunTable, most: int) -> Iterator[Section]:
    """The best rows with their metrics, then their hyper-parameters, one column per row."""
    every = table.best(None)
    rows = every[:most]
    title = "Best"
    if table.has_front:
        title = f"Pareto front of {listed([column.name for column in table.objectives])}"
    title += " within the bounds" if table.bounded else ""
    if not rows:
        if any(row.state not in UNFINISHED for row in table.rows):
            yield Section(title, _closest(table))
        return
    shown = [column for column in table.columns if _is_shown(column, rows)]
    head = ["job", *(column.name for column in shown)]
    cells = [[str(row.job), *(row.shown(column) for column in shown)] for row in rows]
    tests = [row.measurements.test_error for row in rows]
    if any(map(math.isfinite, tests)):  # only networks that were the best of their time have one
        head.append("test error")
        for line, error in zip(cells, tests, strict=True):
            line.append(cost("error", error) if math.isfinite(error) else "-")
    lines = _remarks(table, rows, len(every))
    yield Section(title, lines, head, cells, numbers=len(head) - 1)
    names = [name for name in table.hyperparameters if any(name in r.hyperparameters for r in rows)]
    if names:
        yield Section(
            "Their hyper-parameters"
            + ("" if table.settings is None else ", as the script got them"),
            (),
            ("", *(f"job {row.job}" for row in rows)),
            [(name, *(_value(row, name) for row in rows)) for name in names],
            numbers=len(rows),
        )


def _closest(table: RunTable) -> list[str]:
    """The row closest to each bound, if no row meets all of them."""
    return ["none"] + [
        f"closest to {column.name} {column.condition}: job {row.job}, {row.shown(column)}"
        for column in table.bounded
        for row in table.over(column)[:1]
    ]


def _remarks(table: RunTable, rows: Sequence[Row], every: int) -> list[str]:
    """What rows of a front of `every` rows are, and which ones are near a bound."""
    lines = []
    if table.has_front:
        lines = [f"no other {_word(table)} is better in one and as good in all others"]
    if table.has_front and every > len(rows):
        lines.append(f"{len(rows)} of {every}; --export has all")
    for column in table.objectives:
        folds = max(reported(row.measurements.folds, column.name) for row in rows)
        if folds > 1:
            lines.append(f"{column.name}: mean of {folds} folds ± its standard error")
    lines += [
        f"{column.name} of {jobs(near)}: within the uncertainty of its bound"
        for column in table.bounded
        if (near := [row.job for row in rows if row.uncertain(column)])
    ]
    return lines


def front(table: RunTable, column: Column, most: int) -> Section:
    """The Pareto front of the objective against one metric; at most so many rows on each side.

    Of a long front, the rows that meet the bound come first: those with the best objectives.
    """
    rows = table.front(column)
    objective = table.objective
    title = f"Pareto front of {objective.name} and {column.name}"
    lines = [f"no other {_word(table)} is better in one and as good in the other"]
    if len(rows) > 2 * most:
        inside = [row for row in rows if row.feasible][:most]
        outside = [row for row in rows if not row.feasible][-most:]
        lines.append(f"{len(inside) + len(outside)} of {len(rows)}; --export has all")
        rows = [row for row in rows if row in inside or row in outside]
    cells = [
        (
            str(row.job),
            row.shown(objective),
            row.shown(column),
            column.condition if column.met(row.value(column)) else f"not {column.condition}",
        )
        for row in rows
    ]
    if not cells:
        return Section("")
    return Section(title, lines, ("job", objective.name, column.name, "bound"), cells)


def _word(table: RunTable) -> str:
    return "job" if table.settings is None else "network"


def _is_shown(column: Column, rows: Sequence[Row]) -> bool:
    """Whether a column is worth its place: the run's own metrics and measured costs are."""
    if column.objective or column.bound is not None or column.is_task:
        return True
    return any(math.isfinite(row.value(column)) for row in rows) and (
        column.name == "error" or not column.name.startswith(("val_", "training_"))
    )


def _value(row: Row, name: str) -> str:
    if name not in row.hyperparameters:
        return "-"
    return shortened(plain(row.hyperparameters[name]), LONGEST_VALUE)


def _over(table: RunTable) -> Iterator[Section]:
    """Which bound excluded how many."""
    cells: list[tuple[str, ...]] = []
    for column in table.bounded:
        rows = table.over(column)
        if not rows:
            continue
        states = Counter(row.state for row in rows)
        cells.append(
            (
                f"{column.name} {column.condition}",
                str(len(rows)),
                str(states[State.REJECTED]),
                f"{rows[0].shown(column)} (job {rows[0].job})",
                f"{rows[-1].shown(column)} (job {rows[-1].job})",
            )
        )
    if not cells:
        return
    head: tuple[str, ...] = (
        "bound",
        "not met by",
        "rejected before training",
        "closest",
        "farthest",
    )
    if table.settings is None:  # nothing is rejected before a job runs
        head = (*head[:2], *head[3:])
        cells = [(*cell[:2], *cell[3:]) for cell in cells]
    yield Section("Outside the bounds", (), head, cells)


def _failed(table: RunTable) -> Iterator[Section]:
    """What broke, diverged or ended without a value, and why."""
    lines = []
    for state in FAILED:
        rows = [row for row in table.rows if row.state is state]
        reasons = by_frequency(row.reason for row in rows)
        for reason, times in reasons[:REASONS]:
            text = shortened(reason, LONGEST_REASON) or "no reason recorded"
            lines.append(f"{times} × {state}: {text}")
        left = len(rows) - sum(times for _, times in reasons[:REASONS])
        if left:
            lines.append(f"{left} × {state}: other reasons")
        if rows:
            lines.append(f"  {jobs([row.job for row in rows], JOBS)}")
    if lines:
        yield Section("Without a result", lines)


def _time(table: RunTable, calibration_s: float, whole_s: float) -> Iterator[Section]:
    """Where the time went."""
    shares = time_spent(table)
    cells = [
        (
            share.part,
            duration(share.seconds),
            duration(share.seconds / share.jobs),
        )
        for share in shares
    ]
    if calibration_s:
        cells.append(("calibrating the bounds", duration(calibration_s), ""))
    if not cells:
        return
    in_jobs_s = elapsed_s(table) + calibration_s
    if math.isnan(whole_s):
        whole_s = in_jobs_s
    if whole_s - in_jobs_s > SHORTEST_S:
        cells.append((between(table), duration(whole_s - in_jobs_s), ""))
    whole = UNKNOWN if math.isnan(whole_s) else duration(whole_s)
    lines = [f"the run took {whole}, without the time between two starts"]
    yield Section("Where the time went", lines, ("part", "all jobs", "per job"), cells, numbers=2)
