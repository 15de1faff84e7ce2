"""Numbers for people: rounded to their standard error, with SI prefixes and units."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from hwsearch import budget
from hwsearch.budget import AtLeast, Bound
from hwsearch.metrics import metric as metric_of

PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))
#: Units that take prefixes; counts and percentages do not.
SCALED = ("s/image", "J/image", "W", "s", "J")
UNKNOWN = "unknown"


def cost(metric: str, value: float | None, std_error: float | None = None) -> str:
    """A metric's value with its unit, and its standard error if it is known.

    >>> cost("runtime", 1.234e-05, 2.1e-07)
    '12.3 ± 0.2 µs/image'
    >>> cost("params", 12345)
    '12,345 parameters'
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if metric == "training_time":
        return duration(value)
    unit = metric_of(metric).unit
    if unit == "GiB":
        factor, unit = (1.0, "GiB") if abs(value) >= 1 else (1024.0, "MiB")
    elif unit in SCALED:
        factor, unit = _scaled(value, unit)
    elif metric in ("params", "macs"):
        number = f"{value:,.0f}"
        return f"{number} {unit.removesuffix('s') if number == '1' else unit}"
    else:
        factor = 1.0
    number = _with_error(value * factor, None if std_error is None else std_error * factor)
    return f"{number} {unit}".rstrip()


def not_measured(metric: str, value: float, std_error: float) -> str:
    """Says that a cost is predicted: "not measured (predicted 11.2 ± 0.4 µs/image)"."""
    return f"not measured (predicted {cost(metric, value, std_error)})"


def bound(metric: str, value: Bound) -> str:
    """A budget with its unit: "85 W", "at least 0.9"."""
    words = "at least " if isinstance(value, AtLeast) else ""
    return words + cost(metric, budget.limit(value))


def beside(metric: str, value: float, std_error: float, limit: Bound) -> str:
    """A value and its budget, with the unit once if it is the same.

    >>> beside("runtime", 9.4e-06, 5e-08, 9.6e-06)
    '9.40 ± 0.05 of 9.6 µs/image'
    >>> beside("val_auc", 0.91, math.nan, AtLeast(0.9))
    '0.91, at least 0.9'
    """
    shown, allowed = cost(metric, value, std_error), cost(metric, budget.limit(limit))
    unit = f" {allowed.rpartition(' ')[2]}"
    if metric_of(metric).unit and metric != "training_time":
        shown = shown.removesuffix(unit)
    return f"{shown}, at least {allowed}" if isinstance(limit, AtLeast) else f"{shown} of {allowed}"


def condition(metric: str, value: Bound) -> str:
    """What a budget asks for: "below 85 W", "at least 0.9"."""
    return ("" if isinstance(value, AtLeast) else "below ") + bound(metric, value)


def conditions(constraints: Mapping[str, Bound]) -> str:
    """What several budgets ask for; "no bounds" if there are none."""
    parts = [f"{name} {condition(name, bound)}" for name, bound in constraints.items()]
    return ", ".join(parts) or "no bounds"


def violation(metric: str, value: float, std_error: float, limit: Bound) -> str:
    """Says that a value is on the wrong side: "91 ± 1 W is over the budget of 85 W"."""
    words = "is under the required" if isinstance(limit, AtLeast) else "is over the budget of"
    return f"{cost(metric, value, std_error)} {words} {cost(metric, budget.limit(limit))}"


def duration(seconds: float | None) -> str:
    """A duration: "3.2 s", "4 min 05 s", "2 h 10 min"."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def rough_duration(seconds: float) -> str:
    """A duration to one unit, as an estimate is no more precise: "12 s", "4 min"."""
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def jobs(numbers: Sequence[object], most: int | None = None) -> str:
    """`job 3`, `jobs 3, 7`, or `jobs 3, 7 and 12 more` if at most two are to be named."""
    shown = ", ".join(map(str, numbers[:most]))
    left = len(numbers) - len(numbers[:most])
    return f"job{'s' * (len(numbers) > 1)} {shown}{f' and {left} more' if left else ''}"


def plain(value: object) -> str:
    """A hyper-parameter's value; floats are rounded to 4 digits.

    >>> plain({"name": "keras.layers.ReLU"})
    'keras.layers.ReLU'
    """
    if isinstance(value, Mapping) and set(value) == {"name"}:
        value = value["name"]
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _scaled(value: float, unit: str) -> tuple[float, str]:
    size = abs(value)
    for scale, prefix in PREFIXES:
        if size >= scale:
            return 1 / scale, prefix + unit
    scale, prefix = PREFIXES[3] if size == 0 else PREFIXES[-1]
    return 1 / scale, prefix + unit


def _with_error(value: float, error: float | None) -> str:
    """The error rounded to one digit (two if the first is 1), the value to the same place."""
    if error is None or not math.isfinite(error) or error <= 0:
        return f"{value:.4g}"
    error = float(f"{error:.3g}")  # 0.2, not 0.19999999999999998
    place = math.floor(math.log10(error))
    decimals = -place + (1 if error < 2 * 10**place else 0)
    if decimals > 6:  # finer than anyone reads
        return f"{value:.6g}"
    if decimals <= 0:
        return f"{value:.0f} ± {error:.0f}"
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"
