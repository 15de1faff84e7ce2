"""Priors of hyper-parameters: for few data in many dimensions.

Length scales: log-normal with a median that grows with √D, because distances in a cube do
(Hvarfner, Hellsten & Nardi 2024, "Vanilla Bayesian Optimization Performs Great in High
Dimensions", ICML; eq. 7: μ = √2 + log(D)/2, σ = √3). As there, the density of ℓ itself is maximised, so
its mode, exp(μ - σ²), counts: 0.21 √D.
Amplitude and noise are those of values with variance one.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from spearmint.space import Array


@dataclass(frozen=True)
class LogNormal:
    """Prior on exp(t): t ~ N(mean, deviation²). ``mode`` says whose mode counts, exp(t)'s or t's."""

    mean: float
    deviation: float
    of_log: bool = True

    def penalty(self, t: Array) -> tuple[float, Array]:
        """-log density up to a constant, summed, and its derivative; t of any shape."""
        scaled = (t - self.mean) / self.deviation
        jacobian = 0.0 if self.of_log else 1.0
        value = 0.5 * float(np.sum(scaled**2)) + jacobian * float(np.sum(t))
        return value, scaled / self.deviation + jacobian

    @property
    def start(self) -> float:
        """The t of highest density."""
        return self.mean if self.of_log else self.mean - self.deviation**2


def length_scales(groups: int) -> LogNormal:
    """Prior of each of D = ``groups`` length scales on the unit cube."""
    return LogNormal(sqrt(2.0) + 0.5 * log(groups), sqrt(3.0), of_log=False)


AMPLITUDE = LogNormal(0.0, 1.0)
#: Wide: a deterministic objective must be able to say so.
NOISE = LogNormal(log(1e-4), 3.0)
#: log noise variance of NOISELESS tasks, and bounds of what is learnt.
NO_NOISE = log(1e-8)
NOISE_BOUNDS = (log(1e-8), log(2.0))
LENGTH_BOUNDS = (log(1e-2), log(1e3))
AMPLITUDE_BOUNDS = (log(1e-3), log(1e3))
