"""The area that points of two objectives dominate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def hypervolume(points: Iterable[Sequence[float]], reference: Sequence[float]) -> float:
    """The area between a reference point and those points that are below it in both objectives."""
    area, height = 0.0, reference[1]
    for first, second in sorted((p[0], p[1]) for p in points if p[0] < reference[0]):
        if second < height:
            area += (reference[0] - first) * (height - second)
            height = second
    return area
