"""What is wrong after a trial: the database compared with the objective's own log."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.faults.event_log import BEGAN, RETURNED, Event


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts; all are 0 if nothing is wrong.

    Attributes:
        lost: Jobs whose objective has returned a value that the database does not have.
        twice: Ids that several jobs have, and ids that are missing between 1 and the last one.
        at_once: Jobs that ran in two processes at the same time.
        repeated: Jobs that ran again although their result was there and their process lived.
        spoiled: Jobs that are broken though their objective was not disturbed.
        missing: Jobs less (or more) than asked for.
    """

    lost: int
    twice: int
    at_once: int
    repeated: int
    spoiled: int
    missing: int


def judge(
    jobs: Sequence[Mapping[str, Any]],
    events: Sequence[Event],
    asked: int,
    *,
    struck: int | None = None,
    may_break: int = 0,
) -> Verdict:
    """Judges an experiment that has ended.

    Args:
        jobs: What the database has.
        events: What the objective did.
        asked: How many jobs were asked for.
        struck: The process that the fault hit: its last result may not have been stored yet, and
            is then computed again.
        may_break: How many jobs the fault may break: a killed training script is an error of the
            objective.
    """
    ids = [job["id"] for job in jobs]
    by_id = {job["id"]: job for job in jobs}
    runs = {event.job: _runs(events, event.job) for event in events}
    return Verdict(
        lost=sum(_is_lost(by_id.get(job), own) for job, own in runs.items()),
        twice=len(ids) - len(set(ids)) + (max(ids, default=0) - len(set(ids))),
        at_once=sum(_overlap(own) for own in runs.values()),
        repeated=sum(
            any(end is not None and end.pid != struck for _, end in own[:-1])
            for own in runs.values()
        ),
        spoiled=max(sum(job["status"] == "broken" for job in jobs) - may_break, 0),
        missing=abs(asked - sum(job["status"] in {"complete", "broken"} for job in jobs)),
    )


Run = tuple[Event, Event | None]


def _runs(events: Sequence[Event], job: int) -> list[Run]:
    """The beginnings of a job, each with its end if it has one, in order of time."""
    own = [event for event in events if event.job == job]
    return [
        (
            begin,
            next(
                (
                    end
                    for end in own
                    if (end.what, end.pid) == (RETURNED, begin.pid) and end.time_s >= begin.time_s
                ),
                None,
            ),
        )
        for begin in own
        if begin.what == BEGAN
    ]


def _is_lost(job: Mapping[str, Any] | None, runs: Sequence[Run]) -> bool:
    values = {end.value for _, end in runs if end is not None}
    if not values:
        return False
    return (
        job is None or job["status"] != "complete" or dict(job["values"]).get("main") not in values
    )


def _overlap(runs: Sequence[Run]) -> bool:
    """Whether a run began before an earlier one, which came to its end, was over."""
    return any(
        end is not None and end.time_s > later.time_s
        for (_, end), (later, _) in itertools.pairwise(runs)
    )
