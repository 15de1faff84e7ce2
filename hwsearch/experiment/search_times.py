"""How long the searches of a run took: each start of a run is one, and is kept in a file.

That of a killed process has no end: it lasted at least until the last that is known of its jobs.
"""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hwsearch.atomic_files import write_json
from hwsearch.experiment.layout import Layout
from hwsearch.measurements.reading import mapping, number


@dataclass(frozen=True, slots=True)
class SearchTime:
    """One search.

    Attributes:
        began_s: Seconds since the epoch.
        seconds: How long it took; NaN if it runs, or was killed.
    """

    began_s: float
    seconds: float


@contextlib.contextmanager
def timed(experiment: Layout) -> Iterator[None]:
    """Keeps when a `with` block, a search, began and how long it took.

    Raises:
        OSError: The beginning cannot be written.
    """
    earlier = [_to_json(one) for one in searches(experiment)]
    entry: dict[str, Any] = {"began": time.time(), "seconds": None}
    write_json(experiment.searches_file, {"searches": [*earlier, entry]})
    began = time.monotonic()
    try:
        yield
    finally:
        entry["seconds"] = time.monotonic() - began
        with contextlib.suppress(OSError):  # the results are more important than this
            write_json(experiment.searches_file, {"searches": [*earlier, entry]})


def searches(experiment: Layout) -> list[SearchTime]:
    """The searches of the run in place, the first one first; [] if none is known."""
    try:
        document = json.loads(experiment.searches_file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    entries = mapping(document).get("searches")
    found = [
        SearchTime(number(mapping(entry).get("began")), number(mapping(entry).get("seconds")))
        for entry in (entries if isinstance(entries, list) else [])
    ]
    return sorted((one for one in found if math.isfinite(one.began_s)), key=lambda one: one.began_s)


def active_s(found: list[SearchTime], moments: Iterable[float]) -> float:
    """How long a run was searched, all its starts together; NaN if none is known.

    Args:
        found: Its searches, the first one first.
        moments: When its jobs began and ended, and now if it is still searched: seconds since the
            epoch; those that are not finite are left out.
    """
    if not found:
        return math.nan
    known = [moment for moment in moments if math.isfinite(moment)]
    total = 0.0
    nexts = [*(one.began_s for one in found[1:]), math.inf]
    for one, following in zip(found, nexts, strict=True):
        seen = [moment for moment in known if one.began_s <= moment < following]
        lasted = max(seen, default=one.began_s) - one.began_s
        total += one.seconds if math.isfinite(one.seconds) else lasted
    return total


def whole_s(
    found: list[SearchTime], moments: Iterable[float], jobs_s: float, calibration_s: float
) -> float:
    """How long a run took with its calibrations; NaN if nothing is known.

    Args:
        found: As in `active_s`.
        moments: As in `active_s`.
        jobs_s: How long it took at least, by its jobs; NaN if unknown.
        calibration_s: How long its calibrations took.
    """
    known = [span for span in (active_s(found, moments), jobs_s) if math.isfinite(span)]
    return max(known) + calibration_s if known else math.nan


def covered_s(spans: Iterable[tuple[float, float]]) -> float:
    """How many seconds these spans (begin, end) cover; where they overlap counts once."""
    total, until = 0.0, -math.inf
    for begin, end in sorted(spans):
        total += max(end - max(begin, until), 0.0)
        until = max(until, end)
    return total


def _to_json(one: SearchTime) -> dict[str, Any]:
    seconds = one.seconds if math.isfinite(one.seconds) else None
    return {"began": one.began_s, "seconds": seconds}
