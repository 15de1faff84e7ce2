"""How well the hardware models of a device predict, as a table for people."""

from __future__ import annotations

import math
from pathlib import Path

from hwsearch.predicting.hardware_model import HardwareModel, MetricModel

_WIDTHS = (9, 34, 9, 14, 12, 12)


def report(model: HardwareModel, file: Path) -> str:
    """One line per metric: the chosen model, and its error on networks that it has not seen.

    Args:
        model: The models of one device.
        file: Where they are kept.
    """
    lines = [
        f"hardware models of {model.platform}; errors are root mean squares in cross-validation:",
        _line("metric", "model", "error", "repeatability", "a constant", "networks"),
    ]
    lines += [_metric(name, entry) for name, entry in model.metrics.items()]
    lines.append(f"stored in {file}; python -m hwsearch.predict uses them")
    return "\n".join(lines)


def _metric(name: str, entry: MetricModel) -> str:
    predictor = entry.predictor
    return _line(
        name,
        predictor.name,
        _percent(predictor.error),
        _percent(entry.repeatability),
        _percent(predictor.validation["constant"]),
        str(predictor.profiles),
    )


def _percent(value: float) -> str:
    return f"{value:.1f} %" if math.isfinite(value) else "-"


def _line(*cells: str) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True))
    return "".join(padded).rstrip()
