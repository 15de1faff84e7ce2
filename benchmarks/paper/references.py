"""What the times of searches can be compared with: orders of networks that no search can know.

All costs are known beforehand and cost nothing, and only networks within the budget are trained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.paper import learning, replay

#: The percentage of the networks that meet the budget, where there is none.
NO_BUDGET = 100


def within(share: int) -> list[int]:
    """The rows of the networks that meet the budget."""
    networks = replay.networks()
    if share == NO_BUDGET:
        return list(range(len(networks)))
    return [row for row, one in enumerate(networks) if one.latency_s <= replay.bound(share)]


def at_random(share: int, seed: int) -> list[int]:
    """The rows of the networks within the budget, in a random order."""
    return list(np.random.default_rng([seed, 11]).permutation(within(share)).tolist())


def by_other_training(share: int, seed: int) -> list[int]:
    """The same rows in the order of the errors of another training; equal ones at random.

    The table's networks were trained twice (learning.py): no model of the errors, however good,
    says more about the second training than the first one does, except by averaging over networks.
    """
    rows = at_random(share, seed)
    return sorted(rows, key=lambda row: replay.networks()[row].error)


#: Orders by the name of the method.
ORDERS: Mapping[str, Callable[[int, int], list[int]]] = {
    "reference_random": at_random,
    "reference_twin": by_other_training,
}


def search(method: str, share: int, seed: int) -> dict[str, Any]:
    """The networks in this order, up to the one with the lowest error."""
    rows = ORDERS[method](share, seed)
    errors = [learning.of_table()[row].final for row in rows]
    last = errors.index(min(errors))
    return {"suggested": rows[: last + 1], "known": True, "cpu_s": 0.0}
