"""The end of a report: how long the run took, and how networks were measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hwsearch.experiment import Experiment
from hwsearch.experiment.search_times import covered_s, searches, whole_s
from hwsearch.formatting import duration
from hwsearch.report.result import Result

#: Shorter times are not shown.
SHORTEST_S = 0.05


def effort(results: Sequence[Result], experiment: Experiment) -> list[str]:
    """Lines about the time, and about the batches in which networks were measured."""
    return [_time(results, experiment), *_batches(results)]


def seconds(results: Sequence[Result], experiment: Experiment) -> dict[str, float]:
    """How long a run took, without the time between two starts of it.

    Returns:
        `total`, NaN if it is unknown, and of its parts those that are known: `calibration`,
        `networks` (while at least one was evaluated), and of these, all of them together,
        `training` and `measuring`.
    """
    found: dict[str, float] = {}
    calibration = experiment.calibration_s
    if calibration:
        found["calibration"] = calibration
    networks = _networks_s(results)
    if math.isfinite(networks):
        found["networks"] = networks
    moments = [moment for span in _spans(results) for moment in span]
    total = whole_s(searches(experiment), moments, networks, calibration)
    for part, label in (("train", "training"), ("measure", "measuring")):
        laps = [result.seconds_of(part) for result in results]
        laps = [lap for lap in laps if math.isfinite(lap)]
        if laps:
            found[label] = sum(laps)
    return {"total": total} | found


def _networks_s(results: Sequence[Result]) -> float:
    """How long networks were evaluated, those at the same time counted once; NaN if unknown."""
    spans = [span for span in _spans(results) if all(map(math.isfinite, span))]
    earlier = sum(result.earlier_s for result in results if math.isfinite(result.earlier_s))
    return covered_s(spans) + earlier if spans or earlier else math.nan


def _spans(results: Sequence[Result]) -> list[tuple[float, float]]:
    """When networks were evaluated, from and to; NaN for what is unknown."""
    earlier = [(one.start_s, one.end_s) for result in results for one in result.rejections]
    return [*((result.start_s, result.end_s) for result in results), *earlier]


def _time(results: Sequence[Result], experiment: Experiment) -> str:
    """The time and its parts: "2 min: networks 1 min 40 s (training 1 min), ... 20 s"."""
    found = seconds(results, experiment)
    total, calibration = found["total"], found.get("calibration", 0.0)
    line = f"time: {duration(total)}"
    inner = {label: found[label] for label in ("training", "measuring") if label in found}
    text = ", ".join(f"{label} {duration(value)}" for label, value in inner.items())
    networks = found.get("networks", math.nan)
    if sum(inner.values()) > networks + SHORTEST_S:
        text = f"several at a time: {text}"
    text = f" ({text})" if text else ""
    between = total - calibration - networks
    parts = [f"calibration {duration(calibration)}"] if calibration else []
    if not between > SHORTEST_S and not parts:
        return line + text
    if math.isfinite(networks):
        parts.append(f"networks {duration(networks)}{text}")
    if between > SHORTEST_S:
        cut_short = any(result.is_cut_short for result in results)
        rest = (
            "starting, choosing and unfinished networks" if cut_short else "starting and choosing"
        )
        parts.append(f"{rest} {duration(between)}")
    return f"{line}: {', '.join(parts)}" if parts else line


def _batches(results: Sequence[Result]) -> list[str]:
    profiles = [result.measurements.profile for result in results]
    sizes = {profile.latency.batch_size for profile in profiles if profile and profile.latency}
    if not sizes - {0}:
        return []
    numbers = ", ".join(map(str, sorted(sizes - {0})))
    return [f"measured in batches of {numbers} image{'' if sizes == {1} else 's'}"]
