"""The seconds of a job, from its document."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan
from typing import Any


def seconds_taken(job: Mapping[str, Any]) -> float:
    """Seconds that a job took, or would take without its pause; NaN if that is unknown.

    A job that was ended for its `limit` did not take its own time, unless that limits the time.
    """
    limit, status = job.get("limit"), job.get("status")
    if limit and limit != "job-timeout":
        return nan
    earlier = _number(job.get("earlier seconds"), 0.0)
    seconds = nan
    if status == "complete":
        seconds = earlier + _number(job.get("end time")) - _number(job.get("start time"))
    elif status == "paused":
        progress = _number(job.get("progress"))
        seconds = earlier / progress if 0.0 < progress <= 1.0 else nan
    return seconds if seconds > 0.0 and isfinite(seconds) else nan


def _number(value: Any, default: float = nan) -> float:
    """A number of a document; another value if it is none."""
    return float(value) if isinstance(value, int | float) else default
