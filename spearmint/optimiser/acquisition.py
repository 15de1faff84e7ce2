"""The acquisition function: log(expected improvement x probability of meeting the constraints)."""

from __future__ import annotations

from math import log, pi, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, log_ndtr

from spearmint.optimiser.models.surrogate import Surrogate
from spearmint.optimiser.space import Array

_LOG_NORM = 0.5 * log(2 * pi)
_C1 = sqrt(pi / 2)


def log_h(u: Array) -> Array:
    """The log of φ(u) + u Φ(u), without cancellation for any u; same shape.

    Ament et al. 2023, "Unexpected Improvements to Expected Improvement for Bayesian
    Optimization", NeurIPS, eq. 9 and 14: for u <= -1 by the scaled complementary error function,
    and for u < -1e4, where even that cancels, by its asymptote -2 log|u|.
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
    """The log of E[max(best - f, 0)], f ~ N(mean, variance), and its derivatives.

    Args:
        mean: E[f].
        variance: Var[f].
        best: The incumbent; the shapes of all three broadcast together.

    Returns:
        Value, d/dmean and d/dvariance, each of the broadcast shape.
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
    """The log of Φ((mean - threshold) / √(variance + extra)) and its derivatives.

    This is the probability that a latent value is above its threshold (extra = 0), or that an
    outcome is 1 with a probit likelihood (threshold = 0, extra = 1; Rasmussen & Williams 2006,
    eq. 3.82).

    Returns:
        Value, d/dmean and d/dvariance, each of the broadcast shape.
    """
    total = variance + extra
    deviation = np.sqrt(total)
    v = (mean - threshold) / deviation
    value = log_ndtr(v)
    ratio = np.exp(-0.5 * v**2 - _LOG_NORM - value)
    return value, ratio / deviation, -0.5 * ratio * v / total


def log_mean(values: Array) -> tuple[Array, Array]:
    """The log of the mean of exp over the last axis, and each term's share of it.

    Args:
        values: Shape (..., S).

    Returns:
        Shapes (...,) and (..., S).
    """
    if values.shape[-1] == 1:
        return values[..., 0], np.ones_like(values)
    top = values.max(axis=-1, keepdims=True)
    share = np.exp(values - top)
    total = share.sum(axis=-1, keepdims=True)
    return (top + np.log(total))[..., 0] - log(values.shape[-1]), share / total


def log_less_violation(
    mean: Array, variance: Array, threshold: Array, least: Array
) -> tuple[Array, Array, Array]:
    """The log of the expected improvement of the total violation Σ_c max(0, threshold - c).

    The violations are independent rectified normal variables. Their sum is approximated by a normal
    variable of the same mean and variance (exact for one constraint that is far from being met).

    Args:
        mean: Shape (C, m, S).
        variance: Shape (C, m, 1).
        threshold: Shape (C, 1, 1).
        least: Smallest known violation in each sample, shape (S,).

    Returns:
        Value, shape (m, S); d/dmean and d/dvariance, shape (C, m, S).
    """
    deviation = np.sqrt(variance)
    u = (threshold - mean) / deviation
    below = np.exp(log_ndtr(u))
    at = np.exp(-0.5 * u**2 - _LOG_NORM)
    # E[v] = σ h(u), E[v²] = σ² ((1 + u²) Φ(u) + u φ(u))
    first = deviation * (at + u * below)
    second = variance * ((1 + u**2) * below + u * at)
    total = np.sum(first, axis=0)
    spread = np.maximum(np.sum(second - first**2, axis=0), 1e-12)
    value, by_total, by_spread = log_ei(total, spread, least)
    # d E[v]/dμ = -Φ, d E[v]/dσ² = φ/(2σ), d E[v²]/dμ = -2 E[v], d E[v²]/dσ² = Φ
    slope = at / (2.0 * deviation)
    by_mean = -by_total * below - 2.0 * by_spread * first * (1.0 - below)
    by_variance = by_total * slope + by_spread * (below - 2.0 * first * slope)
    return value, by_mean, by_variance


class Improvement(Protocol):
    """What is expected to be gained in samples that have a feasible point.

    Attributes:
        objectives: K, the number of models of objectives that it takes.
        feasible: Which of the S samples have a feasible point, shape (S,).
    """

    objectives: int
    feasible: NDArray[np.bool_]

    def __call__(self, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
        """The log of the expected gain in each sample, and its derivatives.

        In samples without a feasible point, any finite numbers.

        Args:
            mean: Of the K objectives, shape (K, m, S).
            variance: Shape (K, m, 1).

        Returns:
            Value, shape (m, S); d/dmean and d/dvariance, shape (K, m, S).
        """


class ObjectiveImprovement:
    """Expected improvement of one objective.

    Args:
        best: Lowest feasible (latent) objective in each sample, shape (S,), inf if there is none.
    """

    objectives = 1

    def __init__(self, best: Array) -> None:
        self.feasible = np.isfinite(best)
        self.best = np.where(self.feasible, best, 0.0)

    def __call__(self, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
        """See `Improvement`."""
        value, by_mean, by_variance = log_ei(mean[0], variance[0], self.best)
        return value, by_mean[None], by_variance[None]


class ConstrainedImprovement:
    """The log of the mean over samples of the expected gain x Π P(constraint met)^w, at features.

    In a sample without a feasible point, such a point has to be found first. The term is then
    P(all met) + E[improvement of the total violation] x P(all outcomes are 1) instead. (With the
    first summand alone, all probabilities would be tiny far from a feasible point, and largest
    where the models are least certain.)

    Args:
        surrogate: R models; the first are those of the objectives that `improvement` takes.
        improvement: The gain; None without models of the objectives.
        least: Smallest known total violation in each sample, shape (S,).
        weight: The exponent w; 1 gives the expected gain of feasible points.
        objectives: How many of the first models are of objectives if there is no `improvement`;
            these models do not count then.
    """

    def __init__(
        self,
        surrogate: Surrogate,
        improvement: Improvement | None,
        least: Array,
        weight: float = 1.0,
        objectives: int = 0,
    ) -> None:
        self.surrogate = surrogate
        self.improvement = improvement
        self.weight = weight
        self.first = objectives if improvement is None else improvement.objectives
        if improvement is None:
            self.feasible = np.zeros(len(least), dtype=np.bool_)
        else:
            self.feasible = improvement.feasible
        self.least = least
        self.threshold = surrogate.threshold[:, None, None]
        self.extra = surrogate.extra[:, None, None]
        constraints = np.arange(len(self.extra)) >= self.first
        self.outcomes = np.flatnonzero(constraints & (surrogate.extra > 0))
        self.numbers = np.flatnonzero(constraints & (surrogate.extra == 0))

    def __call__(self, points: Array) -> Array:
        """Values, shape (m,), at features (m, F)."""
        mean, variance = self.surrogate.predict(points)
        return log_mean(self._terms(mean, variance)[0])[0]

    def corrected(self, points: Array, means: Array, deviations: Array) -> Array:
        """Values, shape (m,), at features (m, F) where more is known of some models.

        Args:
            points: The features.
            means: What their predictions are instead, shape (R, m); NaN where nothing is known.
            deviations: Their standard deviations, shape (R, m).
        """
        mean, variance = self.surrogate.predict(points)
        mean = np.where(np.isnan(means)[:, :, None], mean, means[:, :, None])
        variance = np.where(np.isnan(means), variance, deviations**2)
        return log_mean(self._terms(mean, variance)[0])[0]

    def with_gradient(self, points: Array) -> tuple[Array, Array]:
        """Values, shape (m,), and gradients, shape (m, F)."""
        mean, variance, backward = self.surrogate.with_gradient(points)
        terms, by_mean, by_variance = self._terms(mean, variance)
        value, share = log_mean(terms)
        return value, backward(by_mean * share, (by_variance * share).sum(axis=2))

    def _terms(self, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
        """The log terms, shape (m, S), and d/dmean and d/dvariance, shape (R, m, S)."""
        by_mean, by_variance = np.zeros_like(mean), np.zeros_like(mean)
        terms = np.zeros(mean.shape[1:])
        spread = variance[:, :, None]
        if self.improvement is not None and self.feasible.any():
            o, c = slice(self.first), slice(self.first, None)
            logs, slope, bend = log_met(mean[c], spread[c], self.threshold[c], self.extra[c])
            by_mean[c], by_variance[c] = self.weight * slope, self.weight * bend
            terms, by_mean[o], by_variance[o] = self.improvement(mean[o], spread[o])
            terms = terms + self.weight * logs.sum(axis=0)
        if not self.feasible.all():
            other = ~self.feasible
            logs, slope, bend = self._violation(mean[:, :, other], spread, self.least[other])
            terms[:, other], by_mean[:, :, other], by_variance[:, :, other] = logs, slope, bend
        return terms, by_mean, by_variance

    def _violation(self, mean: Array, spread: Array, least: Array) -> tuple[Array, Array, Array]:
        """The log of P(all met) + E[improvement of the violation] x P(all outcomes are 1)."""
        slopes, bends = np.zeros((2, *mean.shape)), np.zeros((2, *mean.shape))
        terms = np.zeros((2, *mean.shape[1:]))
        every = slice(self.first, None)
        met, slopes[0, every], bends[0, every] = log_met(
            mean[every], spread[every], self.threshold[every], self.extra[every]
        )
        terms[0] = np.sum(met, axis=0)
        if not len(self.numbers):
            return terms[0], slopes[0], bends[0]
        o, c = self.outcomes, self.numbers
        terms[1], slopes[1, c], bends[1, c] = log_less_violation(
            mean[c], spread[c], self.threshold[c], least
        )
        if len(o):
            terms[1] += np.sum(met[o - self.first], axis=0)
            slopes[1, o], bends[1, o] = slopes[0, o], bends[0, o]
        total = np.logaddexp(terms[0], terms[1])
        share = np.exp(terms - total)[:, None]
        return total, np.sum(share * slopes, axis=0), np.sum(share * bends, axis=0)
