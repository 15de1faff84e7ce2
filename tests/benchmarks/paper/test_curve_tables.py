"""Tables of learning curves, and how well forecasts made of them hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.paper.curve_tables import SEGMENTS, Table, covered, tasks_of


def test_settings_are_codes_and_pauses_lie_at_whole_epochs(curves: Path) -> None:
    assert tasks_of(curves) == ["task"]
    table = Table(curves, "task")
    assert table.losses.shape == (60, table.epochs + 1)
    with np.load(curves) as file:
        logs = np.log(file["task|X"])  # both range over more than a decade and a half
    expected = (logs - logs.min(axis=0)) / np.ptp(logs, axis=0)
    assert table.codes == pytest.approx(expected)
    assert table.stops == [1, 2, 3, 6, 12, 25, 50]
    assert len(table.stops) == SEGMENTS - 1  # the first two are one epoch


@pytest.fixture
def predictable(tmp_path: Path) -> Table:
    """150 exponential curves that differ in their ends, with some noise."""
    rng = np.random.default_rng(0)
    ends = rng.uniform(0.1, 0.5, (150, 1))
    losses = ends + (1.0 - ends) * np.exp(-0.2 * np.arange(51))
    losses *= np.exp(0.01 * rng.standard_normal(losses.shape))
    path = tmp_path / "table.npz"
    np.savez(path, **{"task|loss": losses, "task|X": rng.random((150, 2))})
    return Table(path, "task")


def test_intervals_of_predictable_curves_hold_most_of_their_ends(predictable: Table) -> None:
    shares = covered(predictable, tries=2)
    assert len(shares) == 5
    assert all(0.7 < share <= 1.0 for share in shares)
