"""Aligning readings with the time that a load ran, and integrating them.

A sensor's value, read at time t, is not the power at t: it was made up to one update period ago
and is a mean over the averaging time before that. So the first readings of a load still hold what
was before it, and any reading describes, on average, the moment t - delay with
delay = (averaging + update) / 2. Readings are taken only once everything they hold lies inside the
load, and the window that a result is stated for is theirs, moved back by that delay. For a load
that drifts linearly this is exact; values of an averaging sensor weigh the window's edges less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hwsearch.measuring.estimates import Floats
from hwsearch.meters.protocol import Channel, Reading, WindowTooShortError

LEAST_DROP_S = 0.1
LEAST_READINGS = 3


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, in seconds of the clock."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Seconds."""
        return self.end_s - self.start_s

    def moved(self, seconds: float) -> Window:
        """The same length, later."""
        return Window(self.start_s + seconds, self.end_s + seconds)

    def split(self, parts: int) -> list[Window]:
        """Equal pieces in order."""
        edges = np.linspace(self.start_s, self.end_s, parts + 1)
        return [Window(float(a), float(b)) for a, b in pairwise(edges)]


def drop_s(channel: Channel, update_s: float) -> float:
    """Seconds after a load's start until readings describe the load alone."""
    return max(LEAST_DROP_S, channel.averaging_s + update_s + channel.settle_s)


def delay_s(channel: Channel, update_s: float) -> float:
    """Seconds by which the moment that a reading describes lies before it, on average."""
    return (channel.averaging_s + update_s) / 2 + channel.settle_s / 2


def integral(readings: Sequence[Reading], window: Window) -> float:
    """Integral over a window by the trapezoidal rule, with interpolated values at its edges.

    Args:
        readings: In order of time, reaching over both edges or to within one gap of them.
        window: What to integrate over.

    Returns:
        The unit of the readings times seconds (J for W).

    Raises:
        WindowTooShortError: Fewer than three readings inside, or an edge that none is near.
    """
    times, values = arrays(readings)
    inside = (times > window.start_s) & (times < window.end_s)
    count = int(inside.sum())
    if window.length_s <= 0 or count < LEAST_READINGS:
        raise WindowTooShortError(
            "power",
            f"{count} readings in a window of {max(window.length_s, 0):.2f} s; "
            f"at least {LEAST_READINGS} are needed",
            "run the load for longer (a higher profile time limit)",
        )
    widest = float(np.max(np.diff(times[inside])))
    for edge in (window.start_s, window.end_s):
        if np.min(np.abs(times - edge)) > 2 * widest:
            raise WindowTooShortError(
                "power", "no readings near an edge of the load", "the meter may have stopped"
            )
    edges = np.interp([window.start_s, window.end_s], times, values)
    t = np.concatenate([[window.start_s], times[inside], [window.end_s]])
    v = np.concatenate([edges[:1], values[inside], edges[1:]])
    return float(np.trapezoid(v, t))


def mean(readings: Sequence[Reading], window: Window) -> float:
    """Mean over a window: the integral over its length. Raises as `integral` does."""
    return integral(readings, window) / window.length_s


def counted(readings: Sequence[Reading], window: Window) -> tuple[float, Window]:
    """Energy between the first and the last step of a counter inside a window.

    A counter stands still between its steps (every 100 ms on many GPUs): the difference between
    two arbitrary moments is off by up to a step at both ends. The moments of its steps are known to
    within one poll; between two of them the difference is exact.

    Args:
        readings: Of the counter, in order of time, several a step.
        window: Where the load ran steadily.

    Returns:
        Joules, and the window from step to step that they belong to.

    Raises:
        WindowTooShortError: Fewer than three steps inside. A counter that has not moved means
            "too short" (or a counter that does not work), never 0 J.
    """
    times, values = arrays(readings)
    stepped = np.flatnonzero(np.diff(values) > 0)
    moments = (times[stepped] + times[stepped + 1]) / 2
    keep = (moments >= window.start_s) & (moments <= window.end_s)
    moments, after = moments[keep], values[stepped + 1][keep]
    if len(moments) < LEAST_READINGS:
        raise WindowTooShortError(
            "energy",
            f"the energy counter stepped {len(moments)} times in {window.length_s:.2f} s: too "
            "short to tell energy from it",
            "run the load for longer (a higher profile time limit)",
        )
    span = Window(float(moments[0]), float(moments[-1]))
    return float(after[-1] - after[0]), span


def arrays(readings: Sequence[Reading]) -> tuple[Floats, Floats]:
    """Times and values, each of shape (n,)."""
    times = np.array([reading.time_s for reading in readings], float)
    return times, np.array([reading.value for reading in readings], float)
