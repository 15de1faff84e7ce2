"""Values of hyper-parameters and metrics as other tools take them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from hwsearch.printing import one_line
from hwsearch.report.columns import Column
from hwsearch.report.row import Row
from hwsearch.template.options import literal

Plain = str | int | float | bool | None


def plain_value(value: Any) -> Plain:
    """A number, a text, a truth value or None as it is; a list or a name as Python writes it."""
    if value is None or isinstance(value, str | int | float):
        return value
    return literal(value)


def as_key(name: str) -> str:
    """A name without the characters that keys of MLflow may not have."""
    return re.sub(r"[^\w\-. :/]", "_", one_line(name))


def label(column: Column) -> str:
    """A column's name with its unit: "power (W)"."""
    return f"{column.name} ({column.unit})" if column.unit else column.name


def known_values(row: Row, columns: tuple[Column, ...]) -> dict[str, float]:
    """The finite values of a row by label, standard errors included."""
    found: dict[str, float] = {}
    for column in columns:
        found[label(column)] = row.value(column)
        error = row.std_errors.get(column.name, math.nan)
        if error > 0:
            found[f"{column.name} standard error{f' ({column.unit})' * bool(column.unit)}"] = error
    return {name: value for name, value in found.items() if math.isfinite(value)}


def epochs_of(row: Row) -> list[Mapping[str, float]]:
    """What Keras reported after each epoch, the first one first; only finite numbers."""
    history = row.measurements.history
    count = max(map(len, history.values()), default=0)
    return [
        {
            name: values[index]
            for name, values in history.items()
            if index < len(values) and math.isfinite(values[index])
        }
        for index in range(count)
    ]
