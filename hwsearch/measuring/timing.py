"""How long a batch takes: warm-up, and times that a busy machine does not spoil."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from hwsearch.measurements import Latency, Quantity
from hwsearch.measuring.estimates import Floats, jackknife
from hwsearch.measuring.load import Load
from hwsearch.measuring.references import QUANTILE, Reference, slowdown
from hwsearch.meters.clock import Clock

MIN_RUNS = 32
JACKKNIFE_GROUPS = 10
REFERENCE_SHARE = 0.5  # of a long batch's time, each; shorter batches get as much as a reference


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds of batches in a row, and of each reference's runs just before them."""

    times: list[float]
    references: list[list[float]]


@dataclass(slots=True)
class Timing:
    """Times of batches, in turns with references where there are any."""

    turns: list[Turn] = field(default_factory=list)

    @property
    def times(self) -> Floats:
        """Seconds of every batch, shape (runs,)."""
        return np.array([time for turn in self.turns for time in turn.times], float)

    def runtime(self, images_per_run: int, references: Sequence[Reference]) -> Quantity:
        """Seconds an image, as `runtime` in constraints means it.

        With references: the 5% quantile of the network's times over the slowdown of the
        references' 5% quantiles. The quantile leaves out batches that other processes interrupted,
        the slowdown what holds the machine up for longer. Without (a GPU of one's own): the median.
        """

        def estimate(turns: Sequence[Turn]) -> float:
            times = [time for turn in turns for time in turn.times]
            if not references:
                return float(np.median(times))
            now = float(np.quantile(times, QUANTILE))
            others = [float(np.quantile(o, QUANTILE)) for o in _of_references(turns)]
            return now / slowdown(now, others, references)

        source = (
            "undisturbed time of a batch (5% quantile), against reference networks"
            if references
            else "median time of a batch"
        )
        value, error = jackknife(estimate, self.turns, JACKKNIFE_GROUPS)
        times = self.times
        spread = float(np.std(times, ddof=1)) if len(times) > 1 else math.nan
        batch = Quantity(value, error, spread, len(times), "s/batch", source)
        return batch.scaled(1 / images_per_run, "s/image")

    def busyness(self, references: Sequence[Reference]) -> float:
        """How much longer a batch typically took than on the calm machine: 1 = as long."""
        others = [float(np.median(times)) for times in _of_references(self.turns)]
        return slowdown(float(np.median(self.times)), others, references)


def _of_references(turns: Sequence[Turn]) -> list[list[float]]:
    """All times of each reference."""
    return [
        [time for times in of_turns for time in times]
        for of_turns in zip(*(turn.references for turn in turns), strict=True)
    ]


def latency_of(times: Floats, batch_size: int) -> Latency:
    """Quantiles of the times of batches, shape (runs,), in seconds."""
    median, p90, p95, p99 = np.quantile(times, [0.5, 0.9, 0.95, 0.99])
    return Latency(batch_size, len(times), float(median), float(p90), float(p95), float(p99))


def warm_up(load: Load, clock: Clock, limit_s: float) -> float:
    """Runs until two chunks in a row take the same time within 5%, or for `limit_s`.

    Returns:
        The shortest time of a batch, seconds.
    """
    end = clock.now() + limit_s
    shortest = math.inf
    before = math.nan  # like no time: at least two chunks
    while True:
        times = _run_for(load, clock, min(0.1, limit_s / 4), 3)
        shortest = min(shortest, *times)
        now = float(np.median(times))
        if abs(now - before) <= 0.05 * before or clock.now() >= end:
            return shortest
        before = now


def time_batches(
    load: Load,
    clock: Clock,
    *,
    typical_s: float,
    least_s: float,
    limit_s: float,
    enough: Callable[[Timing], bool],
    references: Sequence[Reference],
) -> Timing:
    """Times batches for at least `least_s` and until `enough`, at most `limit_s` seconds.

    Network and references take turns, so that all see the machine in the same states.

    Args:
        load: The network.
        clock: Tells the time.
        typical_s: About what a batch takes.
        least_s: Shortest time spent.
        limit_s: Longest time spent; at least two turns are made whatever it is.
        enough: Whether the result is exact enough; asked now and then.
        references: None on devices that nobody else disturbs.
    """
    timing = Timing()
    longest_s = max([REFERENCE_SHARE * typical_s, *(r.nominal_s for r in references)])
    runs = max(1, round(longest_s / typical_s)) if references else 1
    other_runs = [max(1, round(longest_s / r.nominal_s)) for r in references]
    start = clock.now()
    asked = start + least_s
    count = 0
    while True:
        others = [
            _run_for(reference.load, clock, 0.0, times)
            for reference, times in zip(references, other_runs, strict=True)
        ]
        timing.turns.append(Turn(_run_for(load, clock, 0.0, runs), others))
        count += runs
        now = clock.now()
        if len(timing.turns) >= 2 and now - start >= limit_s:
            return timing
        if count >= MIN_RUNS and now >= asked:
            if enough(timing):
                return timing
            asked = now + max(0.25, 0.1 * (now - start))


def _run_for(load: Load, clock: Clock, seconds: float, least_runs: int) -> list[float]:
    """Times of runs for so long, at least so many."""
    times: list[float] = []
    now = start = clock.now()
    while len(times) < least_runs or now - start < seconds:
        load.run()
        after = clock.now()
        times.append(after - now)
        now = after
    return times
