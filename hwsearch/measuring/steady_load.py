"""Steady load, in load periods: batch after batch without a pause, a small gap, batches again.

The gaps shift each load period against the sensor's own rhythm. A100 and H100 sample 25 ms of every
100 ms: a load whose power repeats at that rate would always be seen in the same phase (Yang,
Adamek, Armour: Part-time Power Measurements, arXiv 2312.02741, section 6).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from hwsearch.measuring.load import Load
from hwsearch.measuring.windows import Window
from hwsearch.meters.clock import Clock

LEAST_GAP_S = 0.02


@dataclass(slots=True)
class LoadPeriod:
    """Batches without a pause between them.

    Attributes:
        start_s: When the first batch began, in seconds of the clock.
        images_per_run: Images per batch.
        ends_s: When each batch was complete.
    """

    start_s: float
    images_per_run: int
    ends_s: list[float] = field(default_factory=list)

    @property
    def window(self) -> Window:
        """From the start of the first batch to the end of the last."""
        return Window(self.start_s, self.ends_s[-1])

    @property
    def times(self) -> list[float]:
        """Seconds of every batch."""
        return [float(t) for t in np.diff([self.start_s, *self.ends_s])]

    def images(self, window: Window) -> float:
        """Images processed in a window; a batch counts by the share of its time inside."""
        edges = [self.start_s, *self.ends_s]
        done = np.arange(len(edges)) * self.images_per_run
        first, last = np.interp([window.start_s, window.end_s], edges, done)
        return float(last - first)


def load_periods(
    load: Load, clock: Clock, *, load_period_s: float, period_s: float, seed: int = 0
) -> Iterator[LoadPeriod]:
    """Runs load periods without end, with gaps between 20 ms and 20 ms plus one sensor period.

    The gaps are chosen so that the starts of the load periods cover the sensor's period evenly:
    halves, quarters, eighths (van der Corput's sequence) from a random moment in it.

    Args:
        load: What to run.
        clock: Measures the time.
        load_period_s: Seconds per load period; it ends with the first batch that ends after that.
        period_s: The sensor's update period; 0 = every read gives a new value.
        seed: Seed of the random moment.
    """
    origin = random.Random(seed).random()
    for number in itertools.count():
        clock.sleep(LEAST_GAP_S)
        if period_s > 0:
            phase = (origin + van_der_corput(number) - clock.now() / period_s) % 1.0
            clock.sleep(phase * period_s)
        load_period = LoadPeriod(clock.now(), load.images_per_run)
        while (
            not load_period.ends_s or load_period.ends_s[-1] - load_period.start_s < load_period_s
        ):
            load.run()
            load_period.ends_s.append(clock.now())
        yield load_period


def van_der_corput(number: int) -> float:
    """0, 1/2, 1/4, 3/4, 1/8, ...: the binary digits of a number, mirrored at the point."""
    value, place = 0.0, 0.5
    while number:
        value += place * (number & 1)
        number >>= 1
        place /= 2
    return value
