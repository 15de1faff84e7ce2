"""Which observations are kept when there are many."""

from __future__ import annotations

from typing import Any

import numpy as np

from spearmint.config import Task, Variable
from spearmint.optimiser.observations import Observations, observe
from spearmint.optimiser.space import Space
from spearmint.optimiser.thinning import CENTRES, MOST, thinned

TASKS = (Task("f", objective=True), Task("c", objective=False))
SPACE = Space([Variable("x", "FLOAT", 2, 0.0, 1.0), Variable("e", "ENUM", options=("a", "b"))])


def known(count: int) -> Observations:
    rng = np.random.default_rng(0)
    jobs: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        x = (0.5 + 0.5 * (rng.random(2) - 0.5) * rng.random()).tolist()
        e = "ab"[int(rng.integers(2))] if number % 50 else "gone"
        params = {"x": {"type": "float", "values": x}, "e": {"type": "enum", "values": [e]}}
        values = {"f": x[0], "c": x[1] - 0.5}
        jobs.append({"id": number, "status": "complete", "params": params, "values": values})
    return observe(TASKS, SPACE, jobs)


def test_up_to_the_limit_nothing_changes() -> None:
    few = known(40)
    assert thinned(SPACE, few, 40) is few
    assert thinned(SPACE, few) is few


def test_the_neighbours_of_the_best_the_latest_and_a_spread_are_kept() -> None:
    every = known(3000)
    kept = thinned(SPACE, every)
    assert len(kept.codes) == len(kept.values) == len(kept.failed) == len(kept.met) == MOST
    assert len(kept.seconds) == MOST
    assert kept.count == 3000
    assert np.array_equal(kept.codes[-250:], every.codes[-250:])
    centres = every.codes[every.order[:CENTRES]]
    assert {tuple(row) for row in centres} <= {tuple(row) for row in kept.codes}
    # Neighbours with bad values are kept as those with good ones are.
    inside = every.codes[every.inside]
    nearest = inside[np.argsort(np.abs(inside - centres[0]).sum(axis=1))[:30]]
    assert {tuple(row) for row in nearest} <= {tuple(row) for row in kept.codes}
    # Jobs left out still count as tried, and those outside the space do not.
    assert {tuple(row) for row in kept.tried} == {tuple(row) for row in every.tried}
    assert len(kept.tried) == len(every.tried)
    # The corners of the region are kept.
    for corner in np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]):
        from_all = np.abs(every.codes[:, :2] - corner).max(axis=1).min()
        from_kept = np.abs(kept.codes[:, :2] - corner).max(axis=1).min()
        assert from_kept <= from_all + 0.05


def test_few_distinct_points() -> None:
    every = known(30)
    same = observe(TASKS, SPACE, [])
    assert thinned(SPACE, same) is same
    kept = thinned(SPACE, every, 8)
    assert len(kept.codes) == 8
