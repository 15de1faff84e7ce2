"""How long a batch takes: warm-up, and times that a busy machine does not distort."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hwsearch.measurements import Latency, Quantity
from hwsearch.measuring.estimates import Floats, jackknife
from hwsearch.measuring.load import Load
from hwsearch.measuring.references import QUANTILE, Reference, slowdown
from hwsearch.measuring.session import Session
from hwsearch.meters.clock import Clock

LEAST_TIMING_S = 1.5
MIN_RUNS = 32
JACKKNIFE_GROUPS = 10
REFERENCE_SHARE = 0.5  # of a long batch's time for each reference; a short batch gets equal time


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds of consecutive batches, and of the runs of each reference just before them."""

    times: list[float]
    references: list[list[float]]


@dataclass(slots=True)
class Timing:
    """Times of batches, alternating with references if there are any."""

    turns: list[Turn] = field(default_factory=list)

    @property
    def times(self) -> Floats:
        """Seconds of every batch, shape (runs,)."""
        return np.array([time for turn in self.turns for time in turn.times], float)

    def runtime(self, images_per_run: int, references: Sequence[Reference]) -> Quantity:
        """Seconds per image: the metric `runtime`.

        With references: the 5% quantile of the network's times, divided by the slowdown of the
        references' 5% quantiles. The quantile excludes batches that other processes interrupted;
        the slowdown corrects for what slows the machine down for longer. Without references (on a
        GPU that nobody else uses): the median.
        """

        def estimate(turns: Sequence[Turn]) -> float:
            times = [time for turn in turns for time in turn.times]
            if not references:
                return float(np.median(times))
            now = float(np.quantile(times, QUANTILE))
            others = [float(np.quantile(o, QUANTILE)) for o in _of_references(turns)]
            return now / slowdown(now, others, references)

        source = (
            "time of a batch without interruptions (5% quantile), relative to reference networks"
            if references
            else "median time of a batch"
        )
        value, error = jackknife(estimate, self.turns, JACKKNIFE_GROUPS)
        times = self.times
        spread = float(np.std(times, ddof=1)) if len(times) > 1 else math.nan
        batch = Quantity(value, error, spread, len(times), "s/batch", source)
        return batch.scaled(1 / images_per_run, "s/image")

    def busyness(self, references: Sequence[Reference]) -> float:
        """How many times longer a typical batch took than on the idle machine."""
        others = [float(np.median(times)) for times in _of_references(self.turns)]
        return slowdown(float(np.median(self.times)), others, references)

    def latency(self, batch_size: int) -> Latency:
        """Quantiles of the times as they were, without correction."""
        times = self.times
        median, p90, p95, p99 = np.quantile(times, [0.5, 0.9, 0.95, 0.99])
        return Latency(batch_size, len(times), float(median), float(p90), float(p95), float(p99))


def _of_references(turns: Sequence[Turn]) -> list[list[float]]:
    """All times of each reference."""
    return [
        [time for times in of_turns for time in times]
        for of_turns in zip(*(turn.references for turn in turns), strict=True)
    ]


def warm_up(load: Load, clock: Clock, limit_s: float) -> float:
    """Runs until two successive chunks take the same time within 5%, or for `limit_s`.

    Returns:
        The shortest time of a batch, in seconds.
    """
    end = clock.now() + limit_s
    shortest = math.inf
    before = math.nan  # equal to no time, so that there are at least two chunks
    while True:
        times = _times(load, clock, at_least=3, seconds=min(0.1, limit_s / 4))
        shortest = min(shortest, *times)
        now = float(np.median(times))
        if abs(now - before) <= 0.05 * before or clock.now() >= end:
            return shortest
        before = now


def time_batches(session: Session, references: Sequence[Reference], typical_s: float) -> Timing:
    """Times batches until the standard error is on target, or the deadline is reached.

    Network and references run alternately, so that all meet the machine in the same states. At
    least two turns are made in any case, and the error is checked after 1.5 s at the earliest.

    Args:
        session: What to measure, and until when.
        references: () on devices that nobody else uses.
        typical_s: About how long a batch takes.
    """
    load, clock = session.load, session.clock
    longest_s = max([REFERENCE_SHARE * typical_s, *(r.nominal_s for r in references)])
    runs = max(1, round(longest_s / typical_s)) if references else 1
    reference_runs = [max(1, round(longest_s / r.nominal_s)) for r in references]
    timing = Timing()
    start = clock.now()
    next_check = start + min(LEAST_TIMING_S, session.left_s / 2)
    while True:
        others = [
            _times(reference.load, clock, at_least=count)
            for reference, count in zip(references, reference_runs, strict=True)
        ]
        timing.turns.append(Turn(_times(load, clock, at_least=runs), others))
        session.tell()
        now = clock.now()
        if len(timing.turns) >= 2 and now >= session.deadline_s:
            return timing
        if len(timing.turns) * runs >= MIN_RUNS and now >= next_check:
            runtime = timing.runtime(load.images_per_run, references)
            if runtime.relative_error <= session.settings.target_error:
                return timing
            next_check = now + max(0.25, 0.1 * (now - start))


def _times(load: Load, clock: Clock, *, at_least: int, seconds: float = 0.0) -> list[float]:
    """Times of runs that are repeated for `seconds`, and at least `at_least` times."""
    times: list[float] = []
    now = start = clock.now()
    while len(times) < at_least or now - start < seconds:
        load.run()
        after = clock.now()
        times.append(after - now)
        now = after
    return times
