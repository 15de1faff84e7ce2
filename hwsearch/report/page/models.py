"""What the optimiser's models say, in the units of people: metrics and the script's values."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch import budget
from hwsearch.formatting import plain
from hwsearch.metrics import value_range
from hwsearch.printing import one_line
from hwsearch.report.columns import Column
from hwsearch.report.page.scales import Scale, is_number, shortened
from hwsearch.template import Template


def in_units(
    analysis: Mapping[str, Any],
    columns: Sequence[Column],
    scales: Mapping[str, Scale],
    template: Template | None,
) -> list[dict[str, Any]]:
    """The models of the columns that have one, as the page shows them.

    Args:
        analysis: By task, in the optimiser's values: `importance`, `fit`, `slices`, as the
            entry point got them from the optimiser.
        columns: The columns of the run.
        scales: The unit of each column.
        template: That of the run; None = hyper-parameters are the optimiser's values.
    """
    found = []
    for column in columns:
        entry = analysis.get(column.name)
        if entry is not None:
            values = _Values(column, scales[column.name])
            found.append(
                {
                    "name": column.name,
                    "observations": entry["observations"],
                    "importance": _importance(entry["importance"]),
                    "fit": _fit(entry["fit"], values),
                    "slices": [_slice(each, values, template) for each in entry["slices"]],
                }
            )
    return found


class _Values:
    """Values of a task as values of its column, predictions within the range of the metric.

    A model does not know that an error is at most 100 %, or that a cost is positive.
    """

    def __init__(self, column: Column, scale: Scale) -> None:
        self._column, self._scale = column, scale
        everything = (-math.inf, math.inf)
        self._low, self._high = everything if column.is_task else value_range(column.name)

    def measured(self, values: Sequence[float]) -> list[float | None]:
        return [self._scale.of(self._of_column(value)) for value in values]

    def all(self, values: Sequence[float]) -> list[float | None]:
        found = map(self._of_column, values)
        return [self._scale.of(min(max(value, self._low), self._high)) for value in found]

    def interval(
        self, low: Sequence[float], high: Sequence[float]
    ) -> tuple[list[float | None], list[float | None]]:
        """Both ends; they change places where less of the task is more of the metric."""
        first, second = self.all(low), self.all(high)
        pairs = zip(first, second, strict=True)
        turned = any(a is not None and b is not None and a > b for a, b in pairs)
        return (second, first) if turned else (first, second)

    def _of_column(self, value: float) -> float:
        column = self._column
        if column.objective:
            return column.minimised(value)
        if column.bound is not None and not column.is_task:
            return budget.measured(column.bound, value)
        return value


def _importance(indices: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By hyper-parameter, the one with the largest total index first."""
    ordered = sorted(indices.items(), key=lambda item: -item[1]["total"][1])
    return [
        {"name": name}
        | {which: [shortened(q) for q in entry[which]] for which in ("first", "total")}
        for name, entry in ordered
    ]


def _fit(fit: Mapping[str, Any], values: _Values) -> dict[str, Any]:
    """Measured and predicted values, and how good the predictions are."""
    low, high = values.interval(fit["low"], fit["high"])
    measured, predicted = values.measured(fit["measured"]), values.all(fit["predicted"])
    return {
        "jobs": fit["jobs"],
        "measured": measured,
        "predicted": predicted,
        "low": low,
        "high": high,
        "explained": None if fit["explained"] is None else shortened(fit["explained"]),
        "inside": sum(
            a is not None and m is not None and b is not None and a <= m <= b
            for a, m, b in zip(low, measured, high, strict=True)
        ),
    }


def _slice(entry: Mapping[str, Any], values: _Values, template: Template | None) -> dict[str, Any]:
    low, high = values.interval(entry["low"], entry["high"])
    name = entry["variable"]
    known = {each.token: each for each in template.hyperparameters} if template else {}
    at = list(entry["values"])
    if name in known:
        with contextlib.suppress(ValueError):  # the space was another one
            at = [known[name].value(value) for value in at]
    if not all(map(is_number, at)):
        at = [one_line(plain(value)) for value in at]  # as in the list of choices
    return {
        "name": name if entry["element"] is None else f"{name}[{entry['element']}]",
        "values": at,
        "median": values.all(entry["median"]),
        "low": low,
        "high": high,
    }
