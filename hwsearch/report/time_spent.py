"""Where the time of a run went."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from hwsearch.experiment.search_times import covered_s
from hwsearch.report.row import Row
from hwsearch.report.run_table import RunTable

#: Parts of an evaluation in a job's document -> words for people.
_PARTS = {
    "train": "training",
    "measure": "measuring",
    "build": "building networks",
    "keep": "saving the best network",
}
OTHER = "starting jobs and other work"
SUGGESTING, WAITING = "suggesting", "waiting to start"


@dataclass(frozen=True, slots=True)
class Share:
    """One part of the time.

    Attributes:
        part: What was done.
        seconds: How long, all jobs together: jobs that run at the same time count each.
        jobs: How many jobs it is known of.
    """

    part: str
    seconds: float
    jobs: int


def time_spent(table: RunTable) -> list[Share]:
    """The parts of the time that are known, in the order in which a job goes through them."""
    rows = table.rows
    shares = [
        _share(SUGGESTING, (row.suggesting_s for row in rows)),
        _share(WAITING, (row.waiting_s for row in rows)),
    ]
    if any(row.measurements.seconds for row in rows):
        shares += [
            _share(words, (row.seconds_of(part) for row in rows)) for part, words in _PARTS.items()
        ]
        shares.append(_share(OTHER, map(_other_s, rows)))
    else:
        shares.append(_share("evaluating", (row.running_s for row in rows)))
    return [share for share in shares if share.jobs]


def elapsed_s(table: RunTable) -> float:
    """How long the run took, without the time between two starts of it; NaN if unknown.

    When the earlier segments of paused trainings ran is not kept: they count one after the other,
    but not beyond the time from the first job to the last end.
    """
    spans = []
    for row in table.rows:
        spans += [(one.start_s, one.end_s) for one in row.rejections]
        begin = row.start_s
        if row.waiting_s >= 0:
            begin = row.submit_s - (row.suggesting_s if row.suggesting_s > 0 else 0.0)
        if row.end_s >= begin:
            spans.append((begin, row.end_s))
    if not spans:
        return math.nan
    total = covered_s(spans)
    earlier = math.fsum(row.earlier_s for row in table.rows if row.earlier_s > 0)
    submitted = [row.submit_s for row in table.rows if row.submit_s >= 0]
    longest = max(end for _, end in spans) - min([begin for begin, _ in spans] + submitted)
    return max(min(total + earlier, longest), total)


def between(table: RunTable) -> str:
    """What the time is called that belongs to none of the parts: see `elapsed_s`."""
    cut_short = any(row.is_cut_short for row in table.rows)
    return "between jobs, and unfinished jobs" if cut_short else "between jobs"


def _other_s(row: Row) -> float:
    parts = map(row.seconds_of, _PARTS)
    return max(row.running_s - sum(part for part in parts if math.isfinite(part)), 0.0)


def _share(part: str, seconds: Iterable[float]) -> Share:
    known = [value for value in seconds if math.isfinite(value) and value >= 0]
    return Share(part, math.fsum(known), len(known))
