"""Values with units, as people write bounds: "5ms", "8MiB", "85W", "1.5M"."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from hwsearch.metrics.table import metric

_VALUE = re.compile(
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?) ?([^0-9\s.+-][^\s]*)?"
)
_MILLI, _MICRO, _NANO = (Fraction(1, 1000**power) for power in (1, 2, 3))
_ONE = Fraction(1)
_SECONDS = {"s": _ONE, "ms": _MILLI, "us": _MICRO, "µs": _MICRO, "μs": _MICRO, "ns": _NANO}
#: In lower case: `8GiB` and `8G` are multiples of 1024**3, `8GB` of 1000**3, as in `--job_memory`.
_GIB = {
    form: Fraction(base**power, 2**30)
    for power, letter in enumerate(("", "k", "m", "g", "t"))
    for form, base in ((f"{letter}b", 1000), (f"{letter}ib", 1024), (letter, 1024))
    if form not in ("", "ib")
}
_COUNTS = {
    letter: _ONE * 1000**power
    for letter, power in (("k", 1), ("K", 1), ("M", 2), ("G", 3), ("B", 3), ("T", 4))
}
_UNITS: dict[str, dict[str, Fraction]] = {
    "error": {},  # a percentage is a share of random networks
    "power": {"W": _ONE, "mW": _MILLI, "kW": 1000 * _ONE},
    "energy": {
        "J": _ONE,
        "mJ": _MILLI,
        "uJ": _MICRO,
        "µJ": _MICRO,
        "μJ": _MICRO,
        "nJ": _NANO,
        "kJ": 1000 * _ONE,
    },
    "runtime": _SECONDS,
    "memory": _GIB,
    "params": _COUNTS,
    "macs": _COUNTS,
    "training_time": {
        **_SECONDS,
        "m": 60 * _ONE,
        "min": 60 * _ONE,
        "h": 3600 * _ONE,
        "d": 86400 * _ONE,
    },
    "training_memory": _GIB,
}
#: What a message shows of each metric's units.
_SHOWN = {
    "error": "%",
    "power": "W, mW or kW",
    "energy": "J, mJ, µJ or nJ",
    "runtime": "s, ms, µs or ns",
    "memory": "GiB, MiB, KiB, GB or MB",
    "params": "k, M or G",
    "macs": "k, M, G or T",
    "training_time": "s, min, h or d",
    "training_memory": "GiB, MiB, KiB, GB or MB",
}


def read(name: str, text: str) -> float | None:
    """A value in the metric's own unit (`METRICS`); None if it has no such form or unit.

    Args:
        name: The metric.
        text: A number, followed by a unit or nothing; "/image" after the unit is accepted where
            values are per image.

    >>> read("runtime", "5ms"), read("params", "1.5M"), read("power", "5ms")
    (0.005, 1500000.0, None)
    """
    found = _VALUE.fullmatch(text.strip())
    if found is None:
        return None
    number, unit = float(found[1]), found[2] or ""
    per_image = metric(name).unit.endswith("/image")
    if per_image:
        unit = unit.removesuffix("/image")
    if not unit:
        return number if not found[2] else None
    units = _UNITS.get(name, {})
    factor = units.get(unit.lower() if units is _GIB else unit)
    if factor is None or not math.isfinite(number):
        return None
    try:
        return float(Fraction(number) * factor)  # 5ms is 0.005, not 0.005000000000000001
    except OverflowError:  # "1e300T": no float holds it
        return None


def expected(name: str) -> str:
    """The units of a metric, as messages name them: " (in W; mW or kW may be written)"."""
    unit = metric(name).unit
    if not unit:
        return ""
    shown = _SHOWN[name]
    return f" (in {unit})" if shown == unit else f" (in {unit}, or with {shown})"
