"""Priors of hyper-parameters: for few data in many dimensions.

Length scales: log-normal with a median that grows with √D, because distances in a cube do
(Hvarfner, Hellsten & Nardi 2024, "Vanilla Bayesian Optimization Performs Great in High
Dimensions", ICML: μ = √2 + log(D)/2, σ = √3). The density of ℓ itself is maximised, so its mode,
exp(μ - σ²), counts: 0.21 √D.
Amplitude and noise are those of values with variance one.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from spearmint.optimiser.space import Array


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Prior of exp(t): t ~ N(mean, deviation²); `of_log`: the density is that of t itself."""

    mean: float
    deviation: float
    of_log: bool = True

    @property
    def jacobian(self) -> float:
        """1 where the density is that of exp(t), t's over exp(t): the penalty has t more."""
        return 0.0 if self.of_log else 1.0

    @property
    def start(self) -> float:
        """The t of highest density."""
        return self.mean if self.of_log else self.mean - self.deviation**2


def length_scales(groups: int) -> LogNormal:
    """Prior of each of D = `groups` length scales on the unit cube."""
    return LogNormal(sqrt(2.0) + 0.5 * log(groups), sqrt(3.0), of_log=False)


AMPLITUDE = LogNormal(0.0, 1.0)
#: Of the latent function of STEP outcomes, beside a likelihood of width one: nearly a step.
STEP_AMPLITUDE = LogNormal(log(10.0), 1.0)
#: Wide: a deterministic objective must be able to say so.
NOISE = LogNormal(log(1e-4), 3.0)
#: log noise variance of NOISELESS tasks, and bounds of what is learnt.
NO_NOISE = log(1e-10)
NOISE_BOUNDS = (log(1e-10), log(2.0))
LENGTH_BOUNDS = (log(1e-2), log(1e3))
AMPLITUDE_BOUNDS = (log(1e-3), log(1e3))


def penalty(groups: int, t: Array, amplitude: LogNormal = AMPLITUDE) -> tuple[Array, Array]:
    """-log prior of hyper-parameters and its gradient.

    Args:
        groups: Number of length scales G.
        t: Log ℓ, log amplitude and, for regression, log noise; shape (B, G + 1) or (B, G + 2).
        amplitude: Prior of the amplitude.

    Returns:
        Shapes (B,) and as t.
    """
    mean, deviation, jacobian = _columns(groups, amplitude, t.shape[1] > groups + 1)
    scaled = (t - mean) / deviation
    return (0.5 * scaled**2 + jacobian * t).sum(axis=1), scaled / deviation + jacobian


@functools.cache
def _columns(groups: int, amplitude: LogNormal, noisy: bool) -> Array:
    """Means, deviations and Jacobians of all hyper-parameters' priors, one row each."""
    priors = [length_scales(groups)] * groups + [amplitude] + [NOISE] * noisy
    return np.array([(p.mean, p.deviation, p.jacobian) for p in priors]).T


def box(groups: int, noise: tuple[float, ...]) -> tuple[Array, Array]:
    """Lower and upper ends of hyper-parameters, each shape (G + 1,) or (G + 2,).

    Args:
        groups: Number of length scales.
        noise: Ends of the log noise variance; () where there is none.
    """
    pairs = [LENGTH_BOUNDS] * groups + [AMPLITUDE_BOUNDS]
    low, high = np.array([*pairs, noise] if noise else pairs).T
    return low, high


def starts(groups: int, noisy: bool) -> Array:
    """Where fits start: log ℓ, log amplitude, log noise; shape (1 or 2, G + 2).

    Values with noise have two explanations, a lively function and a dull one with noise; which
    of the two a fit ends with depends on where it starts, so both are tried.
    """
    scale = max(length_scales(groups).start, log(0.5))
    lively = [scale] * groups + [AMPLITUDE.start, log(1e-3)]
    dull = [log(3.0)] * groups + [AMPLITUDE.start, log(0.1)]
    return np.array([lively, dull] if noisy else [lively])


def polynomial(groups: int) -> Array:
    """Where the fit of a polynomial starts, shape (G + 2,).

    The squared exponential with long scales and a large amplitude comes close to one (Driscoll &
    Fornberg 2002, "Interpolation in the limit of increasingly flat radial basis functions").
    """
    return np.array([log(1.5)] * groups + [log(30.0), log(1e-6)])
