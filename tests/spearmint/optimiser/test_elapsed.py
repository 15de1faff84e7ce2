from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from spearmint.optimiser.elapsed import seconds_left, seconds_of_all, seconds_taken

DONE = {"status": "complete", "start time": 100.0, "end time": 130.0}


@pytest.mark.parametrize(
    ("job", "seconds"),
    [
        (DONE, 30.0),
        (DONE | {"earlier seconds": 12.5}, 42.5),  # after a pause
        (DONE | {"limit": "job-timeout"}, 30.0),
        ({"status": "paused", "earlier seconds": 20.0, "progress": 0.25}, 80.0),
    ],
)
def test_seconds_of_a_job(job: dict[str, Any], seconds: float) -> None:
    assert seconds_taken(job) == seconds


@pytest.mark.parametrize(
    "job",
    [
        {},
        {"status": "complete"},
        {"status": "complete", "start time": 100.0, "end time": None},
        DONE | {"end time": 100.0},  # a clock that was set back
        DONE | {"end time": "soon"},
        DONE | {"limit": "job-memory"},
        DONE | {"status": "broken"},
        DONE | {"status": "pending"},
        {"status": "paused", "progress": 0.5},
        {"status": "paused", "earlier seconds": 20.0, "progress": 0.0},
    ],
)
def test_what_says_nothing(job: dict[str, Any]) -> None:
    assert isnan(seconds_taken(job))


def segment(seconds: float, share: float, training: float, once: float = 0.0) -> dict[str, float]:
    return {"seconds": seconds, "share": share, "training": training, "once": once}


def test_each_segment_that_is_left_takes_its_beginning_again() -> None:
    """A training of 8 s: 2 s to begin each segment, 3 s to measure once."""
    first = segment(6.0, 0.125, 1.0, once=3.0)
    job: dict[str, Any] = {"status": "paused", "progress": 0.125, "until": 0.125}
    job |= {"earlier seconds": 6.0, "segments": [first]}
    assert seconds_left(job) == 7.0 + 3 * 2.0, "of up to 1/4, 1/2 and 1"
    assert seconds_taken(job) == seconds_of_all(job) == 19.0
    more = job | {"progress": 0.25, "until": 0.25, "earlier seconds": 9.0}
    more["segments"] = [first, segment(3.0, 0.125, 1.0)]
    assert seconds_left(more) == 6.0 + 2 * 2.0
    runs = more | {"status": "pending", "until": 0.5}
    assert seconds_of_all(runs) == 19.0, "the segment that runs is among those that are left"
    assert isnan(seconds_taken(runs))


def test_a_segment_that_was_too_short_to_pause_again_is_not_left() -> None:
    job = {"status": "paused", "progress": 0.1, "until": 0.125, "earlier seconds": 3.0}
    job |= {"segments": [segment(3.0, 0.1, 1.0)]}
    assert seconds_left(job) == pytest.approx(9.0 + 3 * 2.0)


def test_what_a_document_says_wrongly_about_segments_is_unknown() -> None:
    job = {"status": "paused", "progress": 0.5, "earlier seconds": 3.0}
    assert seconds_left(job | {"segments": ["soon"]}) == 3.0
    assert isnan(seconds_left(job | {"segments": [segment(3.0, 0.5, 1.0) | {"training": None}]}))
