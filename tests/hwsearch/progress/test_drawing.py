from __future__ import annotations

import math

import pytest

from hwsearch.progress.drawing import gauge, sparkline


@pytest.mark.parametrize(
    ("values", "width", "drawn"),
    [
        ([], 5, ""),
        ([math.nan], 5, ""),
        ([1.0, 2.0], 0, ""),
        ([3.0, 3.0], 5, "▁▁"),
        ([4.0, 3.0, math.nan, 1.0], 10, "█▆ ▁"),
        ([9.0, 9.0, 2.0, 1.0, math.inf], 3, "█▁ "),
    ],
)
def test_curves(values: list[float], width: int, drawn: str) -> None:
    assert sparkline(values, width) == drawn


@pytest.mark.parametrize(
    ("share", "drawn"),
    [
        (0.0, "[....]"),
        (0.5, "[##..]"),
        (0.99, "[###.]"),
        (1.0, "[####]"),
        (1.01, "[###!]"),
        (math.nan, ""),
    ],
)
def test_gauges(share: float, drawn: str) -> None:
    assert gauge(share, 4) == drawn
