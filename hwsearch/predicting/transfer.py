"""A prior for the prices, from networks of another template that ran on the same device.

A device's prices (seconds per multiply-accumulate, per call) hardly depend on the template. So
networks of another template help to predict costs while few networks of this template (own
networks) are measured. One or two own networks scale all prices by a common factor; three or more
change single prices. The spreads below are wide guesses, because only own networks can show how
much the templates differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsearch.predicting.linear import Array, NonNegativeModel, Prior

#: Number of own networks that the prices of other templates count as, and the least number of own
#: networks that change single prices.
STRENGTH, LEAST = 0.3, 3
#: Standard deviations of logarithms of costs: how much the general level differs between templates
#: (a factor of two), and how much a network differs from what prices of other templates say.
LEVEL_SPREAD, NETWORK_SPREAD = 0.7, 0.35


@dataclass(frozen=True, slots=True)
class Others:
    """Networks of other templates, measured on the same device.

    Attributes:
        features: As of own networks, shape (m, F), m >= 3.
        costs: Shape (m,), positive.
        errors: Relative standard errors of the costs, shape (m,), or None.
    """

    features: Array
    costs: Array
    errors: Array | None = None

    def fit(self, features: Array, costs: Array, errors: Array | None = None) -> NonNegativeModel:
        """Fits the prices to own networks, with the scaled prices of the others as the prior.

        Args:
            features: Of own networks, shape (n, F); n may be 0.
            costs: Shape (n,).
            errors: Relative standard errors of the costs, shape (n,), or None.
        """
        prices = NonNegativeModel.fit(self._informative(), self.costs, self.errors).weights
        level = np.exp(_level(costs, features @ prices, errors))
        if len(costs) < LEAST:
            return NonNegativeModel(level * prices)
        scale = np.sqrt(np.mean((self.features / self.costs[:, None]) ** 2, axis=0)) / level
        prior = Prior(level * prices, scale, STRENGTH)
        return NonNegativeModel.fit(features, costs, errors, prior)

    def _informative(self) -> Array:
        """The features, shape (m, F), with constant columns set to 0, except the last of them.

        The price of work that is equal in all networks (for instance ten outputs of a softmax)
        cannot be distinguished from their fixed cost. If another template had a hundred times as
        much of this work, a wrong price would be multiplied by a hundred. So the last constant
        column represents all of them: it is the fixed cost in `hwsearch.predicting.features`.
        """
        constant = np.flatnonzero(np.ptp(self.features, axis=0) == 0)
        features = self.features.copy()
        features[:, constant[:-1]] = 0.0
        return features


def _level(costs: Array, expected: Array, errors: Array | None) -> float:
    """Logarithm of the ratio of measured to expected costs of own networks.

    It is the posterior mean under a prior with mean 0 and spread `LEVEL_SPREAD`, so few networks
    change it little.

    Args:
        costs: Measured costs, shape (n,).
        expected: Costs at the prices of the others, shape (n,).
        errors: Relative standard errors of the measured costs, shape (n,), or None.
    """
    usable = expected > 0
    variance = NETWORK_SPREAD**2 + (np.zeros(len(costs)) if errors is None else errors**2)
    precision = 1 / variance[usable]
    ratios = np.log(costs[usable] / expected[usable])
    return float(precision @ ratios / (precision.sum() + LEVEL_SPREAD**-2))


def spread_of(networks: int) -> float:
    """Standard deviation of the logarithms of costs predicted with this number of own networks.

    It adds the uncertainty of their general level to the differences between networks.
    """
    level = (LEVEL_SPREAD**-2 + networks * NETWORK_SPREAD**-2) ** -0.5
    return float(np.hypot(level, NETWORK_SPREAD))
