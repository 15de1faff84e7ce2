"""The fitted model of one task: its warp, kernel and hyper-parameters."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.config import Task
from spearmint.optimiser.models.warp import Warp
from spearmint.optimiser.space import Array


@dataclass(frozen=True, slots=True)
class TaskModel:
    """One fitted Gaussian process.

    Attributes:
        task: The task that it models.
        kernel: One of `KERNELS`.
        theta: Log ℓ of the G groups, log amplitude; shape (G + 1,).
        noise: Noise variance of z.
        index: Rows of `Observations` to which it was fitted, shape (n,).
        rows: Their features, shape (n, F).
        z: Their warped values, or labels +1 and -1 of outcomes; shape (n,).
        warp: Maps values to z; None for outcomes.
        digest: Hash of the data.
        extra: Variance of each z's own noise, of forecasts; shape (n,). None if there is none.
    """

    task: Task
    kernel: str
    theta: Array
    noise: float
    index: NDArray[np.intp]
    rows: Array
    z: Array
    warp: Warp | None
    digest: str
    extra: Array | None = None

    @property
    def threshold(self) -> float:
        """The z from which a constraint is met."""
        return float(self.warp(np.zeros(1))[0]) if self.warp and not self.task.objective else 0.0

    @property
    def is_always_violated(self) -> bool:
        """Whether these are outcomes, and the constraint was never met."""
        return self.warp is None and bool(np.all(self.z < 0))

    @property
    def hypers(self) -> dict[str, Any]:
        """The fit as JSON values, from which `fit.reuse` makes the same model."""
        return {
            "kernel": self.kernel,
            "theta": self.theta.tolist(),
            "noise": self.noise,
            "warp": asdict(self.warp) if self.warp else None,
            "digest": self.digest,
        }
