"""Which of some networks to train first, judged by the trained ones that resemble them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch.experiment.settings import Settings
from hwsearch.measurements.reading import items, mapping, number

Job = Mapping[str, Any]


def ranked(candidates: Sequence[Job], jobs: Sequence[Job], settings: Settings) -> list[Job]:
    """The candidates, the most promising first; those of which nothing is known by id.

    The objective of a candidate is estimated from all networks whose objective is known, weighted
    by the inverse square of the distance (Shepard 1968). For an order, that is enough; each
    network is trained anyway.

    Args:
        candidates: Jobs to be ordered.
        jobs: All jobs of the run.
        settings: Of the run: the objective.
    """
    known = []
    for job in jobs:
        value = number(mapping(job.get("values")).get(settings.optimize))
        if job.get("status") == "complete" and math.isfinite(value):
            known.append((_point(job), value))
    scales = _scales([_point(job) for job in jobs])
    return sorted(
        candidates, key=lambda job: (_estimate(_point(job), known, scales), int(job["id"]))
    )


def _estimate(
    point: Mapping[str, tuple[Any, ...]],
    known: Sequence[tuple[Mapping[str, tuple[Any, ...]], float]],
    scales: Mapping[str, float],
) -> float:
    total = weight = 0.0
    for other, value in known:
        share = 1 / max(_squared_distance(point, other, scales), 1e-9)
        total, weight = total + share * value, weight + share
    return total / weight if weight else 0.0


def _squared_distance(
    one: Mapping[str, tuple[Any, ...]],
    other: Mapping[str, tuple[Any, ...]],
    scales: Mapping[str, float],
) -> float:
    """Numbers count relative to their range; of other values, whether they differ."""
    total = 0.0
    for name, values in one.items():
        for a, b in zip(values, other.get(name, ()), strict=False):
            x, y = number(a), number(b)
            is_number = math.isfinite(x) and math.isfinite(y)
            total += ((x - y) / scales[name]) ** 2 if is_number else float(a != b)
    return total


def _scales(points: Sequence[Mapping[str, tuple[Any, ...]]]) -> dict[str, float]:
    """The range of each hyper-parameter's numbers; 1 if there is none."""
    ranges: dict[str, list[float]] = {}
    for point in points:
        for name, values in point.items():
            ranges.setdefault(name, []).extend(v for v in map(number, values) if math.isfinite(v))
    return {
        name: (max(values) - min(values) if values else 0.0) or 1.0
        for name, values in ranges.items()
    }


def _point(job: Job) -> dict[str, tuple[Any, ...]]:
    """The values of each hyper-parameter, as the optimiser has them."""
    return {
        name: items(mapping(entry).get("values"), lambda value: value)
        for name, entry in mapping(job.get("params")).items()
    }
