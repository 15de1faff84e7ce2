"""One line of JSON per job, with the parts that Weights & Biases gives a run.

`config` has the hyper-parameters, `summary` the final values, `history` one object per epoch.
"""

from __future__ import annotations

import json
import math
from typing import Any

from hwsearch.measurements.reading import without_nan
from hwsearch.report.bridges.plain_values import epochs_of
from hwsearch.report.row import Row
from hwsearch.report.run_table import RunTable


def as_json_lines(table: RunTable) -> str:
    """One line per job, in the order of their ids; what is unknown is left out."""
    lines = (json.dumps(without_nan(_document(row, table)), allow_nan=False) for row in table.rows)
    return "".join(f"{line}\n" for line in lines)


def _document(row: Row, table: RunTable) -> dict[str, Any]:
    found = row.measurements
    summary: dict[str, Any] = {}
    for column in table.columns:
        if math.isfinite(row.value(column)):
            summary[column.name] = row.value(column)
            if math.isfinite(row.std_errors.get(column.name, math.nan)):
                summary[f"{column.name}_std_error"] = row.std_errors[column.name]
    if math.isfinite(found.test_error):
        summary["test_error"] = found.test_error
    summary["feasible"] = row.feasible
    document = {
        "run": table.run,
        "job": row.job,
        "state": row.state,
        "config": dict(row.hyperparameters),
        "summary": summary,
        "history": [
            {"epoch": number, **values} for number, values in enumerate(epochs_of(row), start=1)
        ],
        "units": {column.name: column.unit for column in table.columns if column.unit},
        "started": row.start_s,
        "ended": row.end_s,
        "reason": row.reason or None,
        "script": found.script or None,
    }
    return {
        name: value
        for name, value in document.items()
        if value is not None and not (isinstance(value, float) and not math.isfinite(value))
    }
