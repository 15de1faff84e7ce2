"""How far runs are: one in a few lines, or several in a table."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from hwsearch.formatting import UNKNOWN, counted, duration, jobs
from hwsearch.report.overview import noun, values
from hwsearch.report.row import UNFINISHED, Row, State
from hwsearch.report.run_table import RunTable
from hwsearch.report.runs import KnownRun
from hwsearch.report.sections import Section


def status(run: KnownRun, searching: str, now_s: float) -> Section:
    """A run's state, how many jobs are finished, those that run, and the best one so far.

    Args:
        run: The run.
        searching: Who searches: "process 1234"; "" if nobody does.
        now_s: The time, in seconds since the epoch.
    """
    table = run.table
    lines = [
        f"run {table.run}: {state(run, searching)}" + (f" ({searching})" if searching else ""),
        _progress(run),
    ]
    running = [row for row in table.rows if row.state is State.RUNNING]
    if running and not searching:
        lines.append(f"interrupted: {jobs([row.job for row in running])}")
        running = []
    for row in running:
        since = now_s - row.start_s
        lines.append(f"job {row.job} running" + (f" for {duration(since)}" if since > 0 else ""))
    lines.append(_best(run))
    elapsed = run.elapsed_s(now_s if searching else math.nan)
    if math.isfinite(elapsed):
        lines.append(f"time: {duration(elapsed)}")
    return Section("", lines)


def state(run: KnownRun, searching: str) -> str:
    """One word: running, empty, complete (as many as requested), stopped, or ended.

    A run without a limit that has no unfinished jobs has ended: it may have been stopped.
    """
    if searching:
        return "running"
    if not run.table.rows:
        return "empty"
    settings, done = run.table.settings, _done(run)
    limits = [] if run.asked is None else [done >= run.asked]
    if settings is not None and settings.max_trained is not None:
        limits.append(_trained(run) >= settings.max_trained)
    if limits:
        return "complete" if any(limits) else "stopped"
    return "ended" if done == len(run.table.rows) else "stopped"


def listing(runs: Sequence[tuple[KnownRun, str]], where: str) -> Section:
    """A table of runs, the latest last.

    Args:
        runs: Each run, and who searches it.
        where: What they are the runs of.
    """
    cells = []
    for run, searching in runs:
        table = run.table
        cells.append(
            (
                table.run,
                _date(run),
                state(run, searching),
                str(_done(run)) + ("" if run.asked is None else f" of {run.asked}"),
                _shortly(table),
                ", ".join(f"{column.name} {column.condition}" for column in table.bounded) or "-",
            )
        )
    lines = [f"{counted(len(runs), 'run')}: {where}"]
    head = ("run", "started", "state", "finished", "best", "bounds")
    return Section("", lines, head, cells)


def _best(run: KnownRun) -> str:
    """The best row so far; of several objectives, the rows of the front with the best of each."""
    table = run.table
    rows = table.best(None)
    if not rows:
        return "best: none yet"
    if not table.has_front:
        return f"best: job {rows[0].job}: {values(table, rows[0])}"
    parts = []
    for column in table.objectives:
        ends = min(rows, key=lambda row: column.minimised(row.value(column)))
        parts.append(f"{column.name} from {ends.shown(column)} (job {ends.job})")
    return f"front: {noun(table, len(rows))}: {', '.join(parts)}"


def _shortly(table: RunTable) -> str:
    rows = table.best(None)
    if not rows:
        return "-"
    if table.has_front:
        return f"front of {noun(table, len(rows))}"
    return f"{table.objective.name} {rows[0].shown(table.objective)}"


def _done(run: KnownRun) -> int:
    return sum(row.state not in UNFINISHED for row in run.table.rows)


def _trained(run: KnownRun) -> int:
    return sum(_counts_as_trained(row, run.table) for row in run.table.rows)


def _counts_as_trained(row: Row, table: RunTable) -> bool:
    """Whether a job counts for `max_trained`: diverged trainings do, as in the search."""
    if row.state in UNFINISHED or row.state is State.BROKEN:
        return False
    wanted = (*table.objectives, *table.bounded)
    if not any(math.isnan(row.value(column)) for column in wanted):
        return True
    return all(math.isnan(value := row.value(one)) or one.met(value) for one in table.bounded)


def _progress(run: KnownRun) -> str:
    """How many jobs are finished, of how many."""
    rows, done = run.table.rows, _done(run)
    if run.asked is None:
        line = f"{noun(run.table, done)} finished"
    elif done > run.asked:
        line = f"{noun(run.table, done)} finished, {run.asked} requested"
    else:
        line = f"{done} of {noun(run.table, run.asked)} finished"
    settings = run.table.settings
    if settings is not None and settings.max_trained is not None:
        line += f", {_trained(run)} of {settings.max_trained} trained"
    waiting = sum(row.state is State.WAITING for row in rows)
    ended = sum(row.state is State.ENDED for row in rows)
    line += f", {ended} {State.ENDED}" if ended else ""
    paused = sum(row.state is State.PAUSED for row in rows)
    line += f", {paused} paused" if paused else ""
    return line + (f", {waiting} waiting" if waiting else "")


def _date(run: KnownRun) -> str:
    starts = [row.submit_s for row in run.table.rows if math.isfinite(row.submit_s)]
    starts += [row.start_s for row in run.table.rows if math.isfinite(row.start_s)]
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(min(starts)))
    except (ValueError, OverflowError, OSError):  # none, or none that a calendar has
        return UNKNOWN
