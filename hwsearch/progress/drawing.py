"""Small drawings in one line of text: a curve, and how much of a budget is used."""

from __future__ import annotations

import math
from collections.abc import Sequence

_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """The last values as columns between the least and the greatest; a gap for NaN.

    >>> sparkline([4.0, 3.0, math.nan, 1.0], 10)
    '█▅ ▁'
    """
    last = values[-width:] if width > 0 else []
    known = [value for value in last if math.isfinite(value)]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    top = len(_LEVELS) - 1
    return "".join(
        _LEVELS[round((value - low) / span * top)] if math.isfinite(value) else " "
        for value in last
    )


def gauge(share: float, width: int) -> str:
    """How much of a budget is used: `[#####.....]`, with a `!` at the end if it is exceeded.

    >>> gauge(0.5, 10), gauge(1.2, 10)
    ('[#####.....]', '[#########!]')
    """
    if not math.isfinite(share):
        return ""
    if share > 1:
        return f"[{'#' * (width - 1)}!]"
    full = max(0, min(width, math.floor(share * width)))
    return f"[{'#' * full}{'.' * (width - full)}]"
