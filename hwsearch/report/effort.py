"""The end of a report: how long the evaluation of all networks took, and how it was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hwsearch.experiment import Experiment
from hwsearch.formatting import duration
from hwsearch.measurements.reading import mapping, number
from hwsearch.report.result import Result


def effort(results: Sequence[Result], experiment: Experiment) -> list[str]:
    """Lines about the time, and about the batches in which networks were measured."""
    return [_time(results, experiment), *_batches(results)]


def seconds(results: Sequence[Result], experiment: Experiment) -> dict[str, float]:
    """How long networks were evaluated, without the time between two starts of the run.

    Returns:
        `total`, and of its parts those that are known: `calibration`, `training`, `measuring`.
        Networks that were evaluated at the same time count once in the total, and each in its part.
    """
    spans = sorted(
        (result.start_s, result.end_s)
        for result in results
        if math.isfinite(result.start_s) and math.isfinite(result.end_s)
    )
    found: dict[str, float] = {}
    total, until = 0.0, -math.inf
    for start, end in spans:  # those of networks that were evaluated together overlap
        total += max(end - max(start, until), 0.0)
        until = max(until, end)
    earlier = sum(result.earlier_s for result in results if math.isfinite(result.earlier_s))
    total += earlier
    calibration = _calibration_s(experiment)
    if calibration:
        total += calibration
        found["calibration"] = calibration
    for part, label in (("train", "training"), ("measure", "measuring")):
        laps = [result.measurements.seconds.get(part, math.nan) for result in results]
        laps = [lap for lap in laps if math.isfinite(lap)]
        if laps:
            found[label] = sum(laps)
    return {"total": total if spans or earlier else math.nan} | found


def _time(results: Sequence[Result], experiment: Experiment) -> str:
    found = seconds(results, experiment)
    line = f"time: {duration(found.pop('total'))}"
    parts = [f"{label} {duration(value)}" for label, value in found.items()]
    return f"{line} ({', '.join(parts)})" if parts else line


def _calibration_s(experiment: Experiment) -> float:
    """How long random networks were measured for the bounds of this run; 0 if none were."""
    entries = [mapping(entry) for entry in experiment.load_calibration().values()]
    seconds = [number(entry.get("seconds")) for entry in entries]
    return max((value for value in seconds if math.isfinite(value)), default=0.0)


def _batches(results: Sequence[Result]) -> list[str]:
    profiles = [result.measurements.profile for result in results]
    sizes = {profile.latency.batch_size for profile in profiles if profile and profile.latency}
    if not sizes - {0}:
        return []
    numbers = ", ".join(map(str, sorted(sizes - {0})))
    return [f"measured in batches of {numbers} image{'' if sizes == {1} else 's'}"]
