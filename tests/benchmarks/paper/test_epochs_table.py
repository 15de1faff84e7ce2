"""Epochs as a hyper-parameter, on a small table of exponential curves."""

from __future__ import annotations

from math import isinf
from pathlib import Path

import numpy as np

from benchmarks.paper.epochs_table import EPOCHS, EpochsTable


def test_rows(curves: Path) -> None:
    table = EpochsTable(curves, "task")
    assert len(table.points) == 60 * len(EPOCHS)
    found = [table.evaluate(row) for row in range(len(table.points))]
    for point, (seconds, loss) in zip(table.points, found, strict=True):
        assert seconds == point["epochs"]["values"][0] + 1.0
        assert 0.0 <= point["x0"]["values"][0] <= 1.0
        assert isinf(loss) or loss > 0.05
    assert sum(isinf(loss) for _, loss in found) == len(EPOCHS), "one setting diverges"
    losses = np.array([loss for _, loss in found]).reshape(60, -1)
    assert np.all(np.diff(losses[np.isfinite(losses).all(axis=1)], axis=1) < 0)
    assert table.goal == losses.min()


def test_searches_try_no_row_twice_and_stop_at_the_goal(curves: Path) -> None:
    table = EpochsTable(curves, "task")
    for per_second in (False, True):
        tried = table.search(per_second, seed=1, most_s=600.0, most_jobs=30)
        assert len(set(tried)) == len(tried)
        ends = [table.evaluate(row)[1] <= table.goal for row in tried]
        assert not any(ends[:-1])
    assert len(table.search(per_second=True, seed=1, most_s=600.0, most_jobs=12)) == 12
