"""Aligning readings with the time in which a load ran, and integrating them.

A sensor's value that is read at time t is not the power at t: it was made up to one update period
earlier, and is a mean over the averaging time before that. The first readings under a load
therefore include what was before it, and on average a reading describes the moment t - delay with
delay = (averaging + update) / 2. Only readings that describe the load alone are used, and the
window for which a result is stated is theirs, moved back by that delay. For a load that drifts
linearly this is exact; an averaging sensor gives less weight to the edges of a window.
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
LONGER = "increase the profile time limit"


@dataclass(frozen=True, slots=True)
class Window:
    """An interval of time, in seconds of the clock."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Seconds."""
        return self.end_s - self.start_s

    def moved(self, seconds: float) -> Window:
        """A window of the same length, later by `seconds`."""
        return Window(self.start_s + seconds, self.end_s + seconds)

    def split(self, parts: int) -> list[Window]:
        """Equal parts, in order."""
        edges = np.linspace(self.start_s, self.end_s, parts + 1)
        return [Window(float(a), float(b)) for a, b in pairwise(edges)]


def drop_s(channel: Channel, update_s: float) -> float:
    """Seconds after the start of a load until readings describe the load alone."""
    return max(LEAST_DROP_S, channel.averaging_s + update_s + channel.settle_s)


def delay_s(channel: Channel, update_s: float) -> float:
    """Average seconds between the moment that a reading describes and the reading."""
    return (channel.averaging_s + update_s) / 2 + channel.settle_s / 2


def integral(readings: Sequence[Reading], window: Window) -> float:
    """Integral over a window by the trapezoidal rule, with interpolated values at its edges.

    Args:
        readings: In order of time; the first and last lie outside the window, or inside it and
            within two reading intervals of its edges.
        window: What to integrate over.

    Returns:
        The unit of the readings times seconds (J for W).

    Raises:
        WindowTooShortError: Fewer than three readings inside, or none near an edge.
    """
    times, values = arrays(readings)
    inside = (times > window.start_s) & (times < window.end_s)
    count = int(inside.sum())
    if window.length_s <= 0 or count < LEAST_READINGS:
        raise WindowTooShortError(
            "power",
            f"got {count} readings in a window of {max(window.length_s, 0):.2f} s; "
            f"expected at least {LEAST_READINGS}",
            LONGER,
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


def counted(readings: Sequence[Reading], window: Window) -> tuple[float, Window]:
    """Energy between the first and the last step of a counter inside a window.

    A counter does not change between its steps (every 100 ms on many GPUs), so that the difference
    between two arbitrary moments is wrong by up to one step at both ends. The moments of the steps
    are known to within one poll; between two of them the difference is exact.

    Args:
        readings: Readings of the counter, in order of time, several per step.
        window: When the load ran steadily.

    Returns:
        The energy in J, and the window from step to step to which it belongs.

    Raises:
        WindowTooShortError: Fewer than three steps inside. A counter that did not change means
            "too short", or a counter that does not work: never 0 J.
    """
    times, values = arrays(readings)
    stepped = np.flatnonzero(np.diff(values) > 0)
    moments = (times[stepped] + times[stepped + 1]) / 2
    keep = (moments >= window.start_s) & (moments <= window.end_s)
    moments, after = moments[keep], values[stepped + 1][keep]
    if len(moments) < LEAST_READINGS:
        raise WindowTooShortError(
            "energy",
            f"got {len(moments)} steps of the energy counter in {window.length_s:.2f} s; "
            f"expected at least {LEAST_READINGS}",
            LONGER,
        )
    span = Window(float(moments[0]), float(moments[-1]))
    return float(after[-1] - after[0]), span


def arrays(readings: Sequence[Reading]) -> tuple[Floats, Floats]:
    """Times and values, each of shape (n,)."""
    times = np.array([reading.time_s for reading in readings], float)
    return times, np.array([reading.value for reading in readings], float)
