"""Which networks tell most about a device's prices: chosen by features, before any is measured.

A price can be told from the others only if its kind of work makes up a large part of some networks'
costs and a small part of others'. Random networks are rarely that different. A D-optimal design
(Fedorov 1972) takes the networks whose measurements make the volume of the prices' confidence
region as small as possible; here greedily, one network after the other, so that a larger design
begins with a smaller one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwsearch.predicting.linear import Array

#: What is known of each price without any measurement, in networks.
PRIOR = 0.01


def most_informative(tables: Sequence[Array], count: int, chosen: Sequence[int] = ()) -> list[int]:
    """Chooses networks whose costs are worth measuring.

    Args:
        tables: The features of the same m networks for each model that will be fitted: arrays of
            shape (m, F), with an F of their own.
        count: How many networks to choose, those of `chosen` included.
        chosen: Rows of networks that are measured anyway.

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
    """The covariance of one model's prices, given the networks that were chosen so far."""

    def __init__(self, features: Array) -> None:
        used = features[:, np.any(features > 0, axis=0)]
        # No price is known yet: each kind of work counts as an equal part of all costs.
        amounts = used / used.mean(axis=0)
        shares = amounts / np.maximum(amounts.sum(axis=1), 1e-300)[:, None]
        self._shares = shares / np.sqrt(np.mean(shares**2, axis=0))
        self._covariance = np.eye(used.shape[1]) / PRIOR

    def variances(self) -> Array:
        """How uncertain the cost of each network is, in variances of one profile, shape (m,)."""
        found: Array = np.einsum("ij,jk,ik->i", self._shares, self._covariance, self._shares)
        return found

    def add(self, row: int) -> None:
        """Takes a network into the design."""
        share = self._shares[row]
        change = self._covariance @ share
        self._covariance -= np.outer(change, change) / (1.0 + share @ change)
