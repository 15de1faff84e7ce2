"""The points with which a search begins, and when models take over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spearmint.config import Task, Variable
from spearmint.optimiser.candidates import design
from spearmint.optimiser.initial_design import InitialDesign, default_size
from spearmint.optimiser.observations import Observations, observe
from spearmint.optimiser.space import Space

TASKS = (Task("f", objective=True), Task("c", objective=False))
SPACE = Space([Variable("x", "FLOAT", 8, 0.0, 1.0)])
BEGINNING = InitialDesign(SPACE, seed=3)


def known(lefts: Sequence[float], points: np.ndarray | None = None) -> Observations:
    """Finished jobs at points, by what is left of their budget."""
    rows = np.random.default_rng(0).random((len(lefts), 8)) if points is None else points
    jobs: list[dict[str, Any]] = [
        {
            "id": number,
            "status": "complete",
            "params": {"x": {"type": "float", "values": row.tolist()}},
            "values": {"f": 1.0, "c": left},
        }
        for number, (row, left) in enumerate(zip(rows, lefts, strict=True), start=1)
    ]
    return observe(TASKS, SPACE, jobs)


def test_it_grows_with_the_dimension_within_limits() -> None:
    counts = [default_size(d) for d in range(1, 40)]
    assert counts == sorted(counts)
    assert counts[0] >= 3
    assert counts[-1] <= 12


def test_it_ends_after_half_if_no_point_of_it_is_feasible() -> None:
    assert BEGINNING.ends_after(known([])) == BEGINNING.size == 9
    assert BEGINNING.ends_after(known([-1.0] * 4)) == 4
    assert BEGINNING.ends_after(known([-1.0, 1.0])) == 9
    assert InitialDesign(SPACE, 3, given=12).ends_after(known([-1.0] * 6)) == 12


def test_a_point_that_has_a_job_is_replaced() -> None:
    rng = np.random.default_rng(0)
    points = design(SPACE, 3, 3)
    assert np.allclose(BEGINNING.point(known([1.0, 1.0], points[:2]), rng), points[2])
    other = BEGINNING.point(known([1.0, 1.0], points[[0, 2]]), rng)
    assert not np.allclose(other, points[2])
    assert len(BEGINNING.ahead(known([1.0, 1.0], points[[0, 2]]))) == 63


def test_another_point_may_be_taken_instead() -> None:
    rng = np.random.default_rng(0)
    taken = BEGINNING.point(known([]), rng, lambda point: np.full_like(point, 0.25))
    assert np.allclose(taken, 0.25)
