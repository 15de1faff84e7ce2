from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from spearmint.optimiser.elapsed import seconds_taken

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
