"""How well the hardware models of a device predict, as a table for people."""

from __future__ import annotations

import math
from pathlib import Path

from hwsearch.predicting.hardware_model import HardwareModel, MetricModel

_WIDTHS = (9, 34, 9, 14, 12, 12)
#: With the error in cross-validation in a column of its own.
_WIDTHS_TYPICAL = (9, 34, 9, 21, 14, 12, 12)


def report(model: HardwareModel, file: Path) -> str:
    """One line per metric: the chosen model, and its error on networks that it has not seen.

    If typical networks of the template are known, the error is the one expected for these;
    otherwise, it is that of cross-validation, and the heading says so.

    Args:
        model: The models of one device.
        file: Where they are kept.
    """
    typical = any(math.isfinite(entry.typical) for entry in model.metrics.values())
    of = "expected for networks of the template" if typical else "in cross-validation"
    names = ["metric", "model", "error", "repeatability", "a constant", "networks"]
    if typical:
        names.insert(3, "in cross-validation")
    lines = [
        f"hardware models of {model.platform}; errors are root mean squares {of}:",
        _line(*names),
    ]
    lines += [_metric(name, entry, typical=typical) for name, entry in model.metrics.items()]
    lines.append(f"stored in {file}; python -m hwsearch.predict uses them")
    return "\n".join(lines)


def _metric(name: str, entry: MetricModel, *, typical: bool) -> str:
    predictor = entry.predictor
    error, constant = predictor.error, predictor.validation["constant"]
    errors = [error]
    if typical:
        errors = [entry.typical, error]
        constant = entry.typical_of_constant
    percents = [_percent(value) for value in (*errors, entry.repeatability, constant)]
    return _line(name, predictor.name, *percents, str(predictor.profiles))


def _percent(value: float) -> str:
    return f"{value:.1f} %" if math.isfinite(value) else "-"


def _line(*cells: str) -> str:
    widths = _WIDTHS if len(cells) == len(_WIDTHS) else _WIDTHS_TYPICAL
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "".join(padded).rstrip()
