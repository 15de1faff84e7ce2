"""What one channel of a meter measured in each load period."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hwsearch.measuring.estimates import from_groups
from hwsearch.measuring.sampling import Sampler
from hwsearch.measuring.steady_load import LoadPeriod
from hwsearch.measuring.windows import Window, counted, delay_s, drop_s, integral
from hwsearch.meters.protocol import Reading, WindowTooShortError

LEAST_SEGMENTS = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """Energy and images of one interval of steady load.

    Attributes:
        window: When.
        joules: Energy in it.
        images: Images processed in it.
    """

    window: Window
    joules: float
    images: float

    @property
    def watts(self) -> float:
        """Mean power."""
        return self.joules / self.window.length_s

    @property
    def joules_per_image(self) -> float:
        """Energy per image."""
        return self.joules / self.images


def settle_s(sampler: Sampler) -> float:
    """Seconds of a load period in which readings do not describe the load alone."""
    return drop_s(sampler.channel, sampler.update_s) + 2 * _margin_s(sampler)


def steady_window(sampler: Sampler, load_period: LoadPeriod) -> Window:
    """The part of a load period that readings, with the next ones around it, describe alone."""
    drop = drop_s(sampler.channel, sampler.update_s)
    margin = _margin_s(sampler)
    return Window(load_period.start_s + drop + margin, load_period.window.end_s - margin)


def segments_of(
    sampler: Sampler, load_periods: Sequence[LoadPeriod], readings: Sequence[Reading]
) -> list[Segment]:
    """One segment per load period; several per load period if there are few, for a standard error.

    Args:
        sampler: Whose channel and update period to use.
        load_periods: The load periods.
        readings: The usable readings of the channel.

    Raises:
        WindowTooShortError: No load period was long enough.
    """
    parts = max(1, math.ceil(LEAST_SEGMENTS / len(load_periods)))
    segments: list[Segment] = []
    problem: WindowTooShortError | None = None
    for load_period in load_periods:
        steady = steady_window(sampler, load_period)
        least_s = max(0.2, 5 * sampler.update_s, sampler.channel.averaging_s)
        most = max(1, int(steady.length_s / least_s))
        try:
            segments += [
                _segment(sampler, load_period, part, readings)
                for part in steady.split(min(parts, most))
            ]
        except WindowTooShortError as error:
            problem = error
    if problem is not None and not segments:
        raise problem
    return segments


def mean_watts(segments: Sequence[Segment]) -> tuple[float, float]:
    """Mean power of all segments, and its standard error."""
    return from_groups([s.watts for s in segments], [s.window.length_s for s in segments])


def _segment(
    sampler: Sampler, load_period: LoadPeriod, part: Window, readings: Sequence[Reading]
) -> Segment:
    if sampler.channel.quantity == "energy":
        joules, window = counted(readings, part)
    else:
        joules = integral(readings, part)
        window = part.moved(-delay_s(sampler.channel, sampler.update_s))
    return Segment(window, joules, load_period.images(window))


def _margin_s(sampler: Sampler) -> float:
    """Distance from the edges of a load period at which the next reading is still of the load.

    Integrals interpolate between the readings on both sides of a window's edge.
    """
    return 0.0 if sampler.channel.quantity == "energy" else 1.25 * sampler.period_s
