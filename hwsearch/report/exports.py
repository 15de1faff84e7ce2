"""A run as CSV, JSON or Markdown, for other programs and for papers."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hwsearch import budget
from hwsearch.atomic_files import write_atomic
from hwsearch.errors import UserError
from hwsearch.formatting import plain
from hwsearch.measurements.reading import without_nan
from hwsearch.printing import one_line
from hwsearch.report.bridges.json_lines import as_json_lines
from hwsearch.report.columns import Column
from hwsearch.report.output import put
from hwsearch.report.overview import noun, overview
from hwsearch.report.row import Row
from hwsearch.report.run_table import RunTable
from hwsearch.report.runs import KnownRun
from hwsearch.report.sections import Section, as_markdown

#: The times of a row, and what the parts of an evaluation are called in a job's document.
_TIMES = ("submit_s", "start_s", "end_s", "suggesting_s", "waiting_s", "running_s")
_PARTS = ("build", "measure", "train", "keep")


def as_csv(table: RunTable) -> str:
    """One line per job; what is unknown is empty.

    Returns:
        Text with the line ends of RFC 4180, as `csv` writes them.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    tokens = table.hyperparameters
    metrics = [heading for column in table.columns for heading in _headings(column)]
    on_front = {row.job for row in table.best(None)} if table.has_front else set()
    fixed = ["job", "state", "feasible", *(["front"] if table.has_front else []), *metrics]
    times = [*_TIMES, *(f"{part}_s" for part in _PARTS), "epochs", "reason"]
    names = [
        f"{token} (hyper-parameter)" if token in {*fixed, *times} else token for token in tokens
    ]
    writer.writerow([one_line(name) for name in (*fixed, *names, *times)])
    for row in table.rows:
        cells: list[Any] = [row.job, row.state, int(row.feasible)]
        cells += [int(row.job in on_front)] if table.has_front else []
        for column in table.columns:
            cells += [row.value(column), *_errors(row, column)]
        cells += [
            _option(row.hyperparameters[t]) if t in row.hyperparameters else "" for t in tokens
        ]
        cells += [getattr(row, name) for name in _TIMES]
        cells += [row.seconds_of(part) for part in _PARTS]
        cells += [row.measurements.epochs, row.reason]
        writer.writerow([_cell(cell) for cell in cells])
    return file.getvalue()


def as_json(table: RunTable) -> str:
    """Everything that the table has; null for what is unknown."""
    settings = table.settings
    document = {
        "run": table.run,
        "settings": None if settings is None else settings.to_json(),
        "columns": [
            {
                "name": column.name,
                "unit": column.unit,
                "objective": column.objective,
                "maximised": column.maximised,
                "bound": None if column.bound is None else budget.to_json(column.bound),
            }
            for column in table.columns
        ],
        "best": [row.job for row in table.best(None if table.has_front else 10)],
        "fronts": {
            column.name: [row.job for row in table.front(column)] for column in table.bounded
        },
        "jobs": list(map(_document, table.rows)),
    }
    return json.dumps(without_nan(document), indent=1) + "\n"


def as_markdown_report(run: KnownRun) -> str:
    """The report as on the terminal, then a table of all jobs."""
    table = run.table
    columns = [column for column in table.columns if not column.name.startswith("training_")]
    head = ("job", "state", *(column.name for column in columns), *table.hyperparameters)
    rows = [
        (
            str(row.job),
            str(row.state),
            *(row.shown(column) if column.name in row.values else "" for column in columns),
            *(
                plain(row.hyperparameters[token]) if token in row.hyperparameters else ""
                for token in table.hyperparameters
            ),
        )
        for row in table.rows
    ]
    report = overview(
        table,
        calibration_s=run.calibration_s,
        whole_s=run.elapsed_s(),
        notes=run.notes,
        models=run.models,
    )
    return as_markdown([*report, Section("All jobs", (), head, rows)])


#: By the name that `--export` takes: how to write it, and which endings its files have.
FORMATS: dict[str, tuple[Callable[[KnownRun], str], Sequence[str]]] = {
    "csv": (lambda run: as_csv(run.table), (".csv",)),
    "json": (lambda run: as_json(run.table), (".json",)),
    "markdown": (as_markdown_report, (".md", ".markdown")),
    "jsonl": (lambda run: as_json_lines(run.table), (".jsonl",)),
}


def export(run: KnownRun, form: str, file: Path | None) -> None:
    """Writes a run to a file, or prints it.

    Args:
        run: The run.
        form: One of `FORMATS`.
        file: Where to; None for standard output.

    Raises:
        UserError: It cannot be written.
    """
    text = FORMATS[form][0](run)
    if file is None:
        put(text, end="")
        return
    try:
        write_atomic(file, text)
    except OSError as error:
        raise UserError(
            f"--export: {one_line(file)}: cannot be written: {error.strerror}"
        ) from None
    table = run.table
    put(f"{noun(table, len(table.rows))} of {one_line(table.run)} written to {one_line(file)}")


def _headings(column: Column) -> list[str]:
    unit = f" ({column.unit})" if column.unit else ""
    headings = [f"{column.name}{unit}"]
    return headings if column.is_task else [*headings, f"{column.name} standard error{unit}"]


def _errors(row: Row, column: Column) -> list[float]:
    return [] if column.is_task else [row.std_errors.get(column.name, math.nan)]


def _option(value: Any) -> Any:
    """A hyper-parameter's value: numbers and texts as they are, others as JSON."""
    return value if isinstance(value, str | int | float) else json.dumps(without_nan(value))


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return one_line(value) if isinstance(value, str) else value


def _document(row: Row) -> dict[str, Any]:
    found = row.measurements
    return {
        "job": row.job,
        "state": row.state,
        "feasible": row.feasible,
        "reason": row.reason,
        "values": dict(row.values),
        "std_errors": dict(row.std_errors),
        "predicted": {name: one.value for name, one in found.predicted.items()},
        "hyperparameters": dict(row.hyperparameters),
        "times": {name: getattr(row, name) for name in _TIMES},
        "attempts": row.attempts,
        "seconds": {part: row.seconds_of(part) for part in _parts(row)},
        "epochs": found.epochs,
        "history": dict(found.history),
        "folds": [asdict(fold) for fold in found.folds],
        "test_error": found.test_error,
        "script": found.script,
    }


def _parts(row: Row) -> dict[str, None]:
    """The parts of all evaluations of a job whose seconds are known."""
    laps = [row.measurements.seconds, *(one.seconds for one in row.rejections)]
    return dict.fromkeys(itertools.chain.from_iterable(laps))
