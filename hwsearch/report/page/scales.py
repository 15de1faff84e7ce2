"""The unit in which the axis of a metric is labelled: one for all of its values."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hwsearch.formatting import PREFIXES, SCALED
from hwsearch.report.columns import Column

_TIMES = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit.

    Attributes:
        factor: What a value in the column's unit is multiplied with.
        unit: The name of the new unit; "" if there is none.
    """

    factor: float = 1.0
    unit: str = ""

    def of(self, value: float) -> float | None:
        """A value in this unit, with six digits; None if it is not a finite number."""
        return shortened(value * self.factor)


def is_number(value: Any) -> bool:
    """Whether a hyper-parameter's value belongs on an axis of numbers; true and false do not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def scale_of(column: Column, values: Iterable[float]) -> Scale:
    """The unit in which a column's typical values are between 1 and 1,000, if there is one."""
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    size = statistics.median(sizes) if sizes else 1.0
    if column.name == "training_time":
        return time_scale(size)
    if column.unit == "GiB":
        return Scale(1.0, "GiB") if size >= 1 else Scale(1024.0, "MiB")
    if column.unit not in SCALED:
        return Scale(1.0, column.unit)
    for factor, prefix in PREFIXES:
        if size >= factor:
            return Scale(1 / factor, prefix + column.unit)
    factor, prefix = PREFIXES[-1]
    return Scale(1 / factor, prefix + column.unit)


def time_scale(seconds: float) -> Scale:
    """The unit of durations about as long as this one."""
    for factor, unit in _TIMES:
        if seconds >= 2 * factor:
            return Scale(1 / factor, unit)
    return Scale(1.0, "s")


def shortened(value: float) -> float | None:
    """A number with six digits, a whole one with all; None if it is not finite."""
    if not math.isfinite(value):
        return None
    return value if value == int(value) else float(f"{value:.6g}")
