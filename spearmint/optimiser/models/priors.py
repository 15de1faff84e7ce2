"""Priors of hyper-parameters, for few data in many dimensions.

Length scales have a log-normal prior with a median that grows with √D, as distances in a cube do
(Hvarfner, Hellsten & Nardi 2024, "Vanilla Bayesian Optimization Performs Great in High
Dimensions", ICML: μ = √2 + log(D)/2, σ = √3). Since the density of ℓ itself is maximised, not that
of log ℓ, fits are attracted by its mode, exp(μ - σ²) = 0.21 √D.
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
    """Prior of a positive hyper-parameter exp(t) with t ~ N(mean, deviation²).

    Attributes:
        mean, deviation: Mean and standard deviation of t.
        of_log: Whether the density that is maximised is that of t; else that of exp(t).
    """

    mean: float
    deviation: float
    of_log: bool = True

    @property
    def jacobian(self) -> float:
        """1 if the density is that of exp(t): that of t divided by exp(t), so -log has +t."""
        return 0.0 if self.of_log else 1.0

    @property
    def start(self) -> float:
        """The t with the highest density."""
        return self.mean if self.of_log else self.mean - self.deviation**2


def length_scales(groups: int) -> LogNormal:
    """Prior of each of D = `groups` length scales on the unit cube."""
    return LogNormal(sqrt(2.0) + 0.5 * log(groups), sqrt(3.0), of_log=False)


AMPLITUDE = LogNormal(0.0, 1.0)
#: Amplitude of the latent function of a STEP task. It is large compared with the width of the
#: likelihood, 1, so that the probability is nearly a step.
STEP_AMPLITUDE = LogNormal(log(10.0), 1.0)
#: Wide, so that the fit can recognise a deterministic objective.
NOISE = LogNormal(log(1e-4), 3.0)
#: Log noise variance of NOISELESS tasks, and bounds of fitted hyper-parameters.
NO_NOISE = log(1e-10)
NOISE_BOUNDS = (log(1e-10), log(2.0))
LENGTH_BOUNDS = (log(1e-2), log(1e3))
AMPLITUDE_BOUNDS = (log(1e-3), log(1e3))


def penalty(groups: int, t: Array, amplitude: LogNormal = AMPLITUDE) -> tuple[Array, Array]:
    """Minus the log prior of hyper-parameters, and its gradient.

    Args:
        groups: Number of length scales G.
        t: Log ℓ, log amplitude and, for regression, log noise; shape (B, G + 1) or (B, G + 2).
        amplitude: Prior of the amplitude.

    Returns:
        Shape (B,), and the shape of t.
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
    """Lower and upper bounds of hyper-parameters, each shape (G + 1,) or (G + 2,).

    Args:
        groups: Number of length scales G.
        noise: Bounds of the log noise variance; () for a model without noise.
    """
    pairs = [LENGTH_BOUNDS] * groups + [AMPLITUDE_BOUNDS]
    low, high = np.array([*pairs, noise] if noise else pairs).T
    return low, high


def starts(groups: int, noisy: bool) -> Array:
    """Initial hyper-parameters: log ℓ, log amplitude, log noise; shape (1 or 2, G + 2).

    Noisy values have two explanations: a function that varies quickly, with little noise, and one
    that varies slowly, with much. A fit ends with the one that is nearer to its start, so there is
    a start for each.
    """
    scale = max(length_scales(groups).start, log(0.5))
    quick = [scale] * groups + [AMPLITUDE.start, log(1e-3)]
    slow = [log(3.0)] * groups + [AMPLITUDE.start, log(0.1)]
    return np.array([quick, slow] if noisy else [quick])


def polynomial(groups: int) -> Array:
    """Initial hyper-parameters for a polynomial, shape (G + 2,).

    The squared exponential kernel with long length scales and a large amplitude approximates one
    (Driscoll & Fornberg 2002, "Interpolation in the limit of increasingly flat radial basis
    functions").
    """
    return np.array([log(1.5)] * groups + [log(30.0), log(1e-6)])
