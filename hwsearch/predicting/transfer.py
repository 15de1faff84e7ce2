"""A prior from other templates: networks of another template that ran on the same device.

A device's prices (seconds per multiply-accumulate, per call) hardly depend on which template a
network comes from, so that costs of other templates' networks say something before, and while, the
own ones are few. Own networks correct the general level first, then single prices. The spreads
below are wide guesses: how like the other template is, only own networks can show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsearch.predicting.linear import Array, NonNegativeModel, Prior

#: Own networks that the prices of other templates count as, and the least that may change them:
#: one or two only change their general level.
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
        """The prices of the others, at the level of own networks, changed as far as these ask for.

        Args:
            features: Of own networks, shape (n, F); n may be 0.
            costs: Shape (n,).
            errors: Relative standard errors of the costs, shape (n,), or None.
        """
        prices = NonNegativeModel.fit(self._telling(), self.costs, self.errors).weights
        level = np.exp(_level(costs, features @ prices, errors))
        if len(costs) < LEAST:
            return NonNegativeModel(level * prices)
        scale = np.sqrt(np.mean((self.features / self.costs[:, None]) ** 2, axis=0)) / level
        prior = Prior(level * prices, scale, STRENGTH)
        return NonNegativeModel.fit(features, costs, errors, prior)

    def _telling(self) -> Array:
        """The features, 0 where they can tell nothing about a price.

        What is the same in all networks (ten outputs through a softmax, say) cannot be told apart
        from their fixed cost, and its price, times a hundred in another template, would be wrong by
        as much. The last feature that never changes stands for all of them: features of
        `hwsearch.predicting.features` end with the fixed cost.
        """
        constant = np.flatnonzero(np.ptp(self.features, axis=0) == 0)
        features = self.features.copy()
        features[:, constant[:-1]] = 0.0
        return features


def _level(costs: Array, expected: Array, errors: Array | None) -> float:
    """Logarithm of how much more own networks cost than expected, shrunk to 0 if they are few."""
    usable = expected > 0
    variance = NETWORK_SPREAD**2 + (np.zeros(len(costs)) if errors is None else errors**2)
    precision = 1 / variance[usable]
    ratios = np.log(costs[usable] / expected[usable])
    return float(precision @ ratios / (precision.sum() + LEVEL_SPREAD**-2))


def spread_of(networks: int) -> float:
    """Standard deviation of the logarithms of costs, with so many own networks: level and rest."""
    level = (LEVEL_SPREAD**-2 + networks * NETWORK_SPREAD**-2) ** -0.5
    return float(np.hypot(level, NETWORK_SPREAD))
