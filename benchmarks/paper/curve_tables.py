"""Tables of whole learning curves: all settings of a task with their losses after each epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from spearmint.config import Variable
from spearmint.optimiser.curves import Curve, CurveModel, shares
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.space import Space

Array = np.ndarray[Any, Any]
#: Parts into which a training is divided by pauses.
SEGMENTS = 8
#: A larger loss counts as diverged, and ends the training.
DIVERGED = 1e6


class Table:
    """All settings of one task with their losses after each epoch, shape (n, E + 1)."""

    def __init__(self, path: Path, task: str) -> None:
        with np.load(path, allow_pickle=False) as file:
            self.losses = np.asarray(file[f"{task}|loss"], dtype=float)
            settings = np.asarray(file[f"{task}|X"], dtype=float)
        self.epochs = self.losses.shape[1] - 1
        low, high = settings.min(axis=0), settings.max(axis=0)
        logs = (low > 0) & (high > 30 * low)
        bent = np.where(logs, np.log(np.where(settings > 0, settings, 1.0)), settings)
        self.codes = (bent - bent.min(axis=0)) / np.ptp(bent, axis=0)
        variables = [Variable(f"x{i}", "FLOAT", low=0.0, high=1.0) for i in range(len(low))]
        self.features = Features(Space(variables))
        self.rows = self.features.of(self.codes)
        #: Epochs at which a training pauses, as `hwsearch` rounds shares.
        self.stops = sorted({max(1, round(share * self.epochs)) for share in shares(SEGMENTS)})


def tasks_of(path: Path) -> list[str]:
    """Names of the tasks of a table."""
    with np.load(path, allow_pickle=False) as file:
        return [key.removesuffix("|loss") for key in file.files if key.endswith("|loss")]


def covered(table: Table, tries: int = 10) -> list[float]:
    """The share of final losses in 90 % intervals, for 1, 3, 6, 12 and 25 of 50 epochs known.

    The forecasts know 6 whole curves and 30 that are 3 epochs long, chosen at random.
    """
    found: dict[int, list[bool]] = {1: [], 3: [], 6: [], 12: [], 25: []}
    losses, epochs = table.losses, table.epochs

    def curve(i: int, until: int, final: float | None = None) -> Curve:
        return Curve.of([[e / epochs, losses[i, e]] for e in range(1, until + 1)], final)

    for seed in range(tries):
        order = np.random.default_rng(seed).permutation(len(losses)).tolist()
        whole = [i for i in order[:6] if np.isfinite(losses[i]).all()]
        known = [curve(i, epochs // 2, float(losses[i, -1])) for i in whole]
        model = CurveModel([*known, *(curve(i, 3) for i in order[6:36])], SEGMENTS)
        rest = [i for i in order[36:136] if np.isfinite(losses[i]).all()]
        u = model.warp(losses[rest, -1])
        for until, inside in found.items():
            mean, deviation = model.ahead([curve(i, until) for i in rest])
            inside.extend((np.abs(u - mean) < 1.645 * deviation).tolist())
    return [float(np.mean(inside)) for inside in found.values()]
