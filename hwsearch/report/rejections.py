"""Evaluations that rejected a network under former bounds, after which its job ran again.

A job's document keeps them under `earlier`. Their seconds are not in `earlier seconds`, which is
what the optimiser takes for the time of one evaluation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hwsearch.measurements import Measurements, Outcome
from hwsearch.measurements.reading import mapping, number


@dataclass(frozen=True, slots=True)
class Rejection:
    """One of these evaluations.

    Attributes:
        start_s: When it started, seconds since the epoch.
        end_s: When it ended, likewise.
        seconds: Duration by part, as in `Measurements`.
    """

    start_s: float
    end_s: float
    seconds: Mapping[str, float] = field(default_factory=dict)


def rejections_of(job: Mapping[str, Any]) -> tuple[Rejection, ...]:
    """Those of a job, the first one first."""
    entries = job.get("earlier")
    found = []
    for entry in map(mapping, entries if isinstance(entries, list) else []):
        start_s, end_s = number(entry.get("start time")), number(entry.get("end time"))
        # Until it is started again, the document has the times of this evaluation too.
        if not end_s >= start_s or start_s == number(job.get("start time")):
            continue
        measured = Measurements.from_json(entry.get("measurements"), entry.get("reason"))
        if measured.outcome is Outcome.REJECTED:
            seconds = {part: s for part, s in measured.seconds.items() if math.isfinite(s)}
            found.append(Rejection(start_s, end_s, seconds))
    return tuple(found)


def seconds_of(part: str, latest: Measurements, rejections: Iterable[Rejection]) -> float:
    """How long a part of all evaluations of a job took, in seconds; NaN if unknown."""
    laps = [latest.seconds, *(one.seconds for one in rejections)]
    known = [lap[part] for lap in laps if math.isfinite(lap.get(part, math.nan))]
    return math.fsum(known) if known else math.nan
