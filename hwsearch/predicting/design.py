"""Chooses the networks to measure by their features, so that the device's prices become known best.

Measurements determine the price of one kind of work only if this work makes up a large part of the
cost of some networks and a small part of the cost of others. Random networks rarely differ so much.
A D-optimal design (Fedorov 1972) consists of the networks whose measurements give the smallest
confidence region of the prices. Here, networks are added greedily, one at a time. So a smaller
design is the beginning of a larger one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwsearch.predicting.linear import Array

#: Weight of the prior of each price: the number of measured networks that it counts as.
PRIOR = 0.01


def most_informative(tables: Sequence[Array], count: int, chosen: Sequence[int] = ()) -> list[int]:
    """Chooses the networks whose measurements tell most about the prices.

    Args:
        tables: The features of the same m networks for each model that will be fitted: arrays of
            shape (m, F), with an F of their own.
        count: How many networks to choose, those of `chosen` included.
        chosen: Rows of networks that are measured in any case.

    Returns:
        Rows, those of `chosen` first, then the most informative first; all m if there are fewer
        than `count`.
    """
    designs = [_Design(table) for table in tables]
    rows = list(chosen)
    for row in rows:
        for design in designs:
            design.add(row)
    for _ in range(len(rows), min(count, len(tables[0]))):
        gains = np.sum([np.log1p(design.variances()) for design in designs], axis=0)
        gains[rows] = -1.0
        rows.append(int(np.argmax(gains)))
        for design in designs:
            design.add(rows[-1])
    return rows


class _Design:
    """The covariance of one model's prices after measuring the networks chosen so far.

    Args:
        features: Of all m networks, shape (m, F).
    """

    def __init__(self, features: Array) -> None:
        used = features[:, np.any(features > 0, axis=0)]
        # No price is known yet: each kind of work counts as an equal part of all costs.
        amounts = used / used.mean(axis=0)
        shares = amounts / np.maximum(amounts.sum(axis=1), 1e-300)[:, None]
        self._shares = shares / np.sqrt(np.mean(shares**2, axis=0))
        self._covariance = np.eye(used.shape[1]) / PRIOR

    def variances(self) -> Array:
        """Variance of the predicted cost of each network, divided by that of a profile; (m,)."""
        found: Array = np.einsum("ij,jk,ik->i", self._shares, self._covariance, self._shares)
        return found

    def add(self, row: int) -> None:
        """Adds a network to the design (Sherman-Morrison update of the covariance)."""
        share = self._shares[row]
        change = self._covariance @ share
        self._covariance -= np.outer(change, change) / (1.0 + share @ change)
