"""Checks for wrong readings: each fault becomes a flag or an error, and never part of a number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hwsearch.measurements import Flag, Quantity
from hwsearch.measuring.windows import Window, arrays
from hwsearch.meters.protocol import MeterReadError, Reading

JUMP = 10.0
MOST_JUMPS = 0.1
STALE_UPDATES = 20
STALE_S = 1.0
DISAGREEMENT = 0.1
OTHER_METER = "measure with another meter (--list_meters)"


def without_jumps(
    meter: str, field: str, readings: Sequence[Reading], steady: Sequence[Window]
) -> tuple[list[Reading], list[Flag]]:
    """Drops power readings that are wrong by a factor of 10 under steady load, and flags them.

    Args:
        meter: The meter's name, for the error.
        field: What was read.
        readings: All readings, in order of time.
        steady: When they describe the load alone.

    Raises:
        MeterReadError: There are so many that it is unknown which readings are right.
    """
    under_load = [
        reading
        for reading in readings
        if any(w.start_s <= reading.time_s <= w.end_s for w in steady)
    ]
    if not under_load:
        return list(readings), []
    typical = float(np.median([reading.value for reading in under_load]))
    jumps = {r for r in under_load if r.value >= JUMP * typical or r.value * JUMP <= typical}
    if not jumps:
        return list(readings), []
    worst = max(jumps, key=lambda r: abs(math.log(max(r.value, 1e-9) / max(typical, 1e-9))))
    text = (
        f"{len(jumps)} of {len(under_load)} readings of {field} jumped by 10x or more under "
        f"steady load (to {worst.value:.4g} W; typical: {typical:.4g} W)"
    )
    if len(jumps) > MOST_JUMPS * len(under_load):
        raise MeterReadError(meter, text, OTHER_METER)
    return [r for r in readings if r not in jumps], [Flag("jump", f"{text}; they were ignored")]


def check_counter(
    meter: str, field: str, readings: Sequence[Reading], steady: Sequence[Window]
) -> None:
    """Checks an energy counter for values that are impossible under steady load.

    The moment of a step is known only to within a poll, so that a steady power may seem to double:
    a factor of 10 is a fault.

    Args:
        meter: The meter's name, for the error.
        field: What was read.
        readings: All readings, in order of time.
        steady: When the load ran.

    Raises:
        MeterReadError: It decreased, or one step was 10 times the power of the others.
    """
    times, values = arrays(readings)
    steps = np.diff(values)
    back = np.flatnonzero(steps < 0)
    if len(back):
        before, after = values[back[0]], values[back[0] + 1]
        raise MeterReadError(
            meter, f"{field} decreased from {before:.6g} J to {after:.6g} J", "measure again"
        )
    ends = np.flatnonzero(steps > 0)
    moments = (times[ends] + times[ends + 1]) / 2
    under_load = np.zeros(len(moments), bool)
    for window in steady:
        under_load |= (moments > window.start_s) & (moments <= window.end_s)
    inside = under_load[:-1] & under_load[1:]
    if not inside.any():
        return
    watts = (steps[ends[1:]] / np.diff(moments))[inside]
    typical, worst = float(np.median(watts)), float(np.max(watts))
    if worst >= JUMP * typical:
        raise MeterReadError(
            meter,
            f"{field} jumped by 10x or more under steady load (to {worst:.4g} W; typical: "
            f"{typical:.4g} W)",
            f"measure again, or {OTHER_METER}",
        )


def stale(field: str, readings: Sequence[Reading], update_s: float) -> list[Flag]:
    """Flags a value that did not change at all for 20 updates, and for at least a second."""
    frozen = _longest_repetition_s(readings)
    if len(readings) < 2 or frozen < max(STALE_UPDATES * update_s, STALE_S):
        return []
    span = readings[-1].time_s - readings[0].time_s
    text = (
        f"{field} did not change for {frozen:.1f} of {span:.1f} s; the sensor may have stopped or "
        "be too coarse"
    )
    return [Flag("stale", text)]


def disagreement(main: Quantity, check: Quantity) -> list[Flag]:
    """Flags two values of one quantity that differ by more than 10%."""
    if abs(check.value - main.value) <= DISAGREEMENT * abs(main.value):
        return []
    text = (
        f"{main.value:.4g} {main.unit} by {main.source}, but {check.value:.4g} {check.unit} by "
        f"{check.source}: they differ by more than 10%"
    )
    return [Flag("disagree", text)]


def _longest_repetition_s(readings: Sequence[Reading]) -> float:
    """The longest time, in seconds, for which the value did not change at all."""
    longest = 0.0
    since: Reading | None = None
    for reading in readings:
        if since is None or reading.value != since.value:
            since = reading
        longest = max(longest, reading.time_s - since.time_s)
    return longest
