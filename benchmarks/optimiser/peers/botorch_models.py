"""What both BoTorch peers share: the space as a unit cube, and the quasi-random start."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch.quasirandom import SobolEngine

from benchmarks.optimiser.peers.peer import Peer
from benchmarks.optimiser.problems import Definition

warnings.simplefilter("ignore")
torch.set_default_dtype(torch.double)

#: Size of the quasi-random start, as in BoTorch's constrained tutorials.
START = 10


class BotorchPeer(Peer):
    """Keeps the data; numbers are scaled to [0, 1], options are one-hot.

    The tutorials know continuous spaces only. Discrete ones are relaxed and a suggestion is moved
    to the nearest point of the space, which is also what the model is told. (BoTorch's
    `optimize_acqf_mixed_alternating` was tried instead: over a minute a suggestion here.)
    """

    packages: ClassVar[tuple[str, ...]] = ("botorch", "gpytorch", "torch", "numpy")

    def __init__(self, problem: Definition, seed: int):
        super().__init__(problem, seed)
        torch.manual_seed(seed)
        self.axes = problem.axes
        self.dims = sum(max(len(axis.options), 1) for axis in self.axes)
        self.sobol = SobolEngine(self.dims, scramble=True, seed=seed)
        self.asked = 0
        self.pending: list[torch.Tensor] = []
        self.x: list[torch.Tensor] = []
        self.y: list[list[float]] = []

    def decode(self, cube: torch.Tensor) -> list[Any]:
        """Flat values of the point of the space next to a point of the cube."""
        values: list[Any] = []
        rest = cube.tolist()
        for axis in self.axes:
            width = max(len(axis.options), 1)
            part, rest = rest[:width], rest[width:]
            if axis.type == "ENUM":
                values.append(axis.options[part.index(max(part))])
            elif axis.type == "INT":
                values.append(int(axis.low) + round(part[0] * (axis.high - axis.low)))
            else:
                values.append(axis.low + part[0] * (axis.high - axis.low))
        return values

    def encode(self, values: Sequence[Any]) -> torch.Tensor:
        """The point of the cube that stands for flat values."""
        cube: list[float] = []
        for axis, value in zip(self.axes, values, strict=True):
            if axis.type == "ENUM":
                cube += [float(option == value) for option in axis.options]
            else:
                cube.append((value - axis.low) / (axis.high - axis.low))
        return torch.tensor(cube)

    def ask(self) -> tuple[torch.Tensor, list[Any]]:
        self.asked += 1
        start = self.asked <= START or not self.x
        values = self.decode(self.sobol.draw(1)[0].double() if start else self.suggest())
        point = self.encode(values)
        self.pending.append(point)
        return point, values

    def suggest(self) -> torch.Tensor:
        """A point of the cube once the start is over."""
        raise NotImplementedError

    def tell(self, token: torch.Tensor, results: Mapping[str, float]) -> None:
        self.pending = [point for point in self.pending if point is not token]
        self.x.append(token)
        self.y.append([-results[self.problem.objective], *self.constraints(results)])
