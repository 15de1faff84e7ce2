"""A small table of learning curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.paper.epochs_table import EPOCHS


@pytest.fixture
def curves(tmp_path: Path) -> Path:
    """60 settings of two hyper-parameters; one diverges."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0.001, 1.0, (60, 2))
    limits = 0.1 + ((np.log(x) - np.log(0.03)) ** 2).sum(axis=1) / 20
    losses = limits[:, None] / 2 + 0.4 * np.exp(-0.1 * np.arange(EPOCHS[-1] + 1))
    losses[3, 5:] = np.nan
    path = tmp_path / "table.npz"
    np.savez(path, **{"task|loss": losses, "task|X": x})
    return path
