"""The acquisition: log expected improvement x probability that every constraint is met."""

from math import log, pi, sqrt

import numpy as np
from scipy.special import erfcx, log_ndtr

from spearmint.models.surrogate import Surrogate
from spearmint.space import Array

_LOG_NORM = 0.5 * log(2 * pi)
_C1 = sqrt(pi / 2)


def log_h(u: Array) -> Array:
    """log(φ(u) + u Φ(u)), without cancellation for any u; same shape.

    Ament et al. 2023, "Unexpected Improvements to Expected Improvement for Bayesian
    Optimization", NeurIPS, eq. 9 and 14: for u <= -1 through the scaled complementary error
    function, and its asymptote -2 log|u| where even that cancels.
    """
    out = np.empty_like(u)
    near = u > -1.0
    v = u[near]
    out[near] = np.log(np.exp(-0.5 * v**2 - _LOG_NORM) + v * np.exp(log_ndtr(v)))
    far = u < -1e4
    w = np.where(far | near, -2.0, u)
    # φ(u) + u Φ(u) = φ(u) (1 - |u| √(π/2) erfcx(|u| / √2))
    middle = np.log1p(w * _C1 * erfcx(-w / sqrt(2.0)))
    tail = np.where(far, -2.0 * np.log(np.maximum(-u, 1.0)), middle)
    out[~near] = (-0.5 * u**2 - _LOG_NORM + tail)[~near]
    return out


def log_ei(mean: Array, variance: Array, best: Array) -> tuple[Array, Array, Array]:
    """log E[max(best - f, 0)], f ~ N(mean, variance), and its derivatives.

    Args:
        mean, variance, best: Shapes that broadcast together.

    Returns:
        Value, d/dmean, d/dvariance; the broadcast shape.
    """
    deviation = np.sqrt(variance)
    u = (best - mean) / deviation
    logarithm = log_h(u)
    # dEI/dμ = -Φ(u), dEI/dσ = φ(u), EI = σ h(u)
    by_mean = -np.exp(log_ndtr(u) - logarithm) / deviation
    by_variance = np.exp(-0.5 * u**2 - _LOG_NORM - logarithm) / (2.0 * variance)
    return logarithm + np.log(deviation), by_mean, by_variance


def log_met(
    mean: Array, variance: Array, threshold: Array, extra: Array
) -> tuple[Array, Array, Array]:
    """log Φ((mean - threshold) / √(variance + extra)) and its derivatives.

    The probability that a latent value is above its threshold (extra = 0), or of the outcome
    "yes" with a probit likelihood (threshold = 0, extra = 1; Rasmussen & Williams 2006, eq. 3.82).

    Returns:
        Value, d/dmean, d/dvariance; the broadcast shape.
    """
    total = variance + extra
    deviation = np.sqrt(total)
    v = (mean - threshold) / deviation
    value = log_ndtr(v)
    ratio = np.exp(-0.5 * v**2 - _LOG_NORM - value)
    return value, ratio / deviation, -0.5 * ratio * v / total


def log_mean(values: Array) -> tuple[Array, Array]:
    """log of the mean of exp over the last axis, and each term's share of it."""
    if values.shape[-1] == 1:
        return values[..., 0], np.ones_like(values)
    top = np.max(values, axis=-1, keepdims=True)
    share = np.exp(values - top)
    total = np.sum(share, axis=-1, keepdims=True)
    return (top + np.log(total))[..., 0] - log(values.shape[-1]), share / total


class ConstrainedImprovement:
    """log of the mean over samples of EI x Π P(constraint met), at features.

    Where a sample knows no feasible point its factor is the probability of feasibility alone:
    first a place that meets the constraints is to be found.

    Args:
        surrogate: R models; the first is the objective's if ``best`` is given.
        best: Lowest feasible (latent) objective of each sample, shape (S,), inf where there is
            none; None without a model of the objective.
    """

    def __init__(self, surrogate: Surrogate, best: Array | None) -> None:
        self.surrogate = surrogate
        self.known = np.isfinite(best) if best is not None else None
        self.best = np.where(self.known, best, 0.0) if best is not None else None
        first = 0 if best is None else 1
        self.constraints = slice(first, None)
        self.threshold = surrogate.threshold[first:, None, None]
        self.extra = surrogate.extra[first:, None, None]

    def __call__(self, points: Array) -> Array:
        """Values, shape (m,), at features (m, F)."""
        mean, variance = self.surrogate.predict(points)
        return log_mean(self._terms(mean, variance)[0])[0]

    def with_gradient(self, points: Array) -> tuple[Array, Array]:
        """Values, shape (m,), and gradients, shape (m, F)."""
        mean, variance, backward = self.surrogate.with_gradient(points)
        terms, by_mean, by_variance = self._terms(mean, variance)
        value, share = log_mean(terms)
        return value, backward(by_mean * share, np.sum(by_variance * share, axis=2))

    def _terms(self, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
        """log terms, shape (m, S), and derivatives by mean and variance, shape (R, m, S)."""
        by_mean, by_variance = np.zeros_like(mean), np.zeros_like(mean)
        terms = np.zeros(mean.shape[1:])
        c = self.constraints
        if len(mean[c]):
            logs, by_mean[c], by_variance[c] = log_met(
                mean[c], variance[c, :, None], self.threshold, self.extra
            )
            terms += np.sum(logs, axis=0)
        if self.best is not None and self.known is not None:
            logs, slope, bend = log_ei(mean[0], variance[0][:, None], self.best)
            terms += np.where(self.known, logs, 0.0)
            by_mean[0] = np.where(self.known, slope, 0.0)
            by_variance[0] = np.where(self.known, bend, 0.0)
        return terms, by_mean, by_variance
