"""By how much a busy machine slows a network, from loads of known time that run beside it.

On a shared CPU the same network takes 10 to 50% longer in one minute than in the next: other
processes take cores, caches and clock speed, for longer than any one profile lasts, so averaging
over a profile does not remove it. A fixed network that runs alternately with the measured one is
slowed down by the same factor, if the two are similar: a batch of 0.5 ms on one thread and one of
5 ms on two threads are not. Hence the two references next to the network in time are run, one
faster and one slower, and its slowdown is interpolated between theirs (benchmarks/measuring shows
how steady the result is). Times are then stated for the machine as it was when the references
were timed on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwsearch.measuring.load import Load

QUANTILE = 0.05
NEXT = 1.1  # a reference this much faster than the network still counts as its slower neighbour


@dataclass(frozen=True, slots=True)
class Reference:
    """A load of known time.

    Attributes:
        load: Runs it once.
        nominal_s: Seconds per run on this machine when it is idle.
    """

    load: Load
    nominal_s: float


def neighbours(nominal_s: Sequence[float], typical_s: float) -> list[int]:
    """Indices of the nearest times below and above `typical_s`; only one at either end."""
    order = sorted(range(len(nominal_s)), key=lambda n: nominal_s[n])
    above = next((i for i, n in enumerate(order) if nominal_s[n] * NEXT >= typical_s), len(order))
    return order[max(0, above - 1) : above + 1]


def slowdown(time_s: float, observed_s: Sequence[float], references: Sequence[Reference]) -> float:
    """The factor by which the machine slows down a network; 1 = not at all.

    Interpolated between the references, in the logarithms of times.

    Args:
        time_s: Observed seconds per batch of the network.
        observed_s: Observed seconds per run of each reference.
        references: At least one.
    """
    pairs = sorted(
        (math.log(now), math.log(now / reference.nominal_s))
        for now, reference in zip(observed_s, references, strict=True)
    )
    times, slower = zip(*pairs, strict=True)
    return math.exp(float(np.interp(math.log(time_s), times, slower)))
