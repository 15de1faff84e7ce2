"""The acquisition functions of HyperPower's two Bayesian methods.

Both rate a point by its expected improvement on the best feasible value and by what the models of
the constraints say of it (Stamoulis et al. 2018, "HyperPower: Power- and Memory-Constrained
Hyper-Parameter Optimization for Neural Networks", DATE). They differ in how they weight:

- by the probability that all constraints are met: constraint-weighted expected improvement
  (Gelbart, Snoek & Adams 2014, "Bayesian Optimization with Unknown Constraints", UAI)
- by 1 where the constraints are predicted to be met and 0 elsewhere: the indicator that HyperPower
  puts into integrated expected conditional improvement (Gramacy & Lee 2011, "Optimization under
  Unknown Constraints", Bayesian Statistics 9). The integral over the space is left out

As long as no feasible point is known, there is nothing to improve on: the point that most probably
meets all constraints is next (Gelbart et al. 2014).
"""

from __future__ import annotations

import numpy as np

from spearmint.optimiser.acquisition import ConstrainedImprovement, log_met
from spearmint.optimiser.space import Array

#: Values of log expected improvement are at least this; below are the points with the indicator 0.
LOWEST = -1e6


class ProbabilityWeighted(ConstrainedImprovement):
    """The log of expected improvement x P(all constraints are met)."""

    def _violation(self, mean: Array, spread: Array, least: Array) -> tuple[Array, Array, Array]:
        """The log of P(all met) in samples without a feasible point, and its derivatives."""
        del least
        by_mean, by_variance = np.zeros_like(mean), np.zeros_like(mean)
        c = slice(self.first, None)
        logs, by_mean[c], by_variance[c] = log_met(
            mean[c], spread[c], self.threshold[c], self.extra[c]
        )
        return np.sum(logs, axis=0), by_mean, by_variance


class IndicatorWeighted(ProbabilityWeighted):
    """The log of expected improvement where the constraints are predicted to be met.

    A constraint is predicted to be met where its posterior mean is at or above its threshold. The
    other points rank below all of these, by the sum of their predicted violations, so that a search
    that begins there moves towards the feasible region.
    """

    def _terms(self, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
        """The log terms, shape (m, S), and d/dmean and d/dvariance, shape (R, m, S)."""
        by_mean, by_variance = np.zeros_like(mean), np.zeros_like(mean)
        terms = np.zeros(mean.shape[1:])
        spread = variance[:, :, None]
        o, c = slice(self.first), slice(self.first, None)
        applies = bool(self.feasible.any())
        if self.improvement is not None and applies:
            terms, by_mean[o], by_variance[o] = self.improvement(mean[o], spread[o])
        if not self.feasible.all():
            other = ~self.feasible
            logs, slope, bend = self._violation(mean[:, :, other], spread, self.least[other])
            terms[:, other], by_mean[:, :, other], by_variance[:, :, other] = logs, slope, bend
        if not applies:
            return terms, by_mean, by_variance
        terms = np.maximum(terms, LOWEST)
        # The posterior mean is the mean over the samples of what is uncertain.
        shortfall = np.maximum(self.threshold[c, :, 0] - mean[c].mean(axis=2), 0.0)
        outside = shortfall.any(axis=0)
        terms[outside] = 2 * LOWEST - shortfall.sum(axis=0)[outside, None]
        by_mean[:, outside], by_variance[:, outside] = 0.0, 0.0
        by_mean[c] += (shortfall > 0)[:, :, None] & outside[:, None]
        return terms, by_mean, by_variance
