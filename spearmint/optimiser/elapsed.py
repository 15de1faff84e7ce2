"""The seconds of a job, from its document.

The process of each segment of a training begins anew: it loads libraries, builds its network and
compiles it. So the seconds of segments are not in proportion to what they have trained. A segment
keeps how many of its seconds were training, and how many are spent once in a job. The others are
those of its beginning, which each segment that is left will take too.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan
from typing import Any

from spearmint.optimiser.curves import segments_left


def seconds_taken(job: Mapping[str, Any]) -> float:
    """Seconds that a job took, or will have taken at its end if it is paused; NaN if unknown.

    A job that was ended for its `limit` did not take its own time, unless that limits the time.
    """
    limit, status = job.get("limit"), job.get("status")
    if limit and limit != "job-timeout":
        return nan
    seconds = nan
    if status == "complete":
        seconds = _earlier(job) + _number(job.get("end time")) - _number(job.get("start time"))
    elif status == "paused":
        seconds = seconds_of_all(job)
    return seconds if seconds > 0.0 and isfinite(seconds) else nan


def seconds_of_all(job: Mapping[str, Any]) -> float:
    """Seconds of all segments of a training that has been paused; NaN if that is unknown."""
    return _earlier(job) + seconds_left(job)


def seconds_left(job: Mapping[str, Any]) -> float:
    """Seconds of the segments that are left of a training that has been paused; NaN if unknown.

    Without what its segments took, these are in proportion to what is left of the training.
    """
    progress = _number(job.get("progress"))
    if not 0.0 < progress <= 1.0:
        return nan
    rest = 1.0 - progress
    segments = [one for one in job.get("segments") or () if isinstance(one, Mapping)]
    share = sum(_number(one.get("share")) for one in segments)
    if not share > 0.0:
        return rest * _earlier(job) / progress
    done = max(progress, _number(job.get("until"), 0.0)) if _is_paused(job) else progress
    training = sum(_number(one.get("training")) for one in segments)
    beginnings = sum(map(_beginning, segments)) / len(segments)
    return segments_left(done) * beginnings + rest * training / share


def _beginning(segment: Mapping[str, Any]) -> float:
    """Seconds of a segment that each one takes, however long it trains."""
    seconds, training, once = (_number(segment.get(n)) for n in ("seconds", "training", "once"))
    return max(seconds - training - once, 0.0)


def _is_paused(job: Mapping[str, Any]) -> bool:
    return job.get("status") == "paused"


def _earlier(job: Mapping[str, Any]) -> float:
    """Seconds of the segments that have ended."""
    return _number(job.get("earlier seconds"), 0.0)


def _number(value: Any, default: float = nan) -> float:
    """A number of a document; another value if it is none."""
    return float(value) if isinstance(value, int | float) else default
