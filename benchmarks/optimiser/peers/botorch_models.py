"""What both BoTorch peers share: the space as a unit cube and a Gaussian process a task."""

import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from botorch.fit import fit_gpytorch_mll
from botorch.models import MixedSingleTaskGP, ModelListGP, SingleTaskGP
from botorch.models.transforms import Standardize
from gpytorch.mlls import SumMarginalLogLikelihood
from torch.quasirandom import SobolEngine

from benchmarks.optimiser.peers.peer import Peer
from benchmarks.optimiser.problems import Definition

warnings.simplefilter("ignore")
torch.set_default_dtype(torch.double)

#: Size of the quasi-random start, as in BoTorch's constrained tutorials.
START = 10


class BotorchPeer(Peer):
    """Keeps the data; a number is scaled to [0, 1], an option is its index."""

    packages: ClassVar[tuple[str, ...]] = ("botorch", "gpytorch", "torch", "numpy")

    def __init__(self, problem: Definition, seed: int):
        super().__init__(problem, seed)
        torch.manual_seed(seed)
        self.axes = problem.axes
        self.sobol = SobolEngine(len(self.axes), scramble=True, seed=seed)
        self.asked = 0
        self.pending: list[torch.Tensor] = []
        self.x: list[torch.Tensor] = []
        self.y: list[list[float]] = []
        self.categories = [i for i, axis in enumerate(self.axes) if axis.type == "ENUM"]
        #: Values that an axis of numbers can take in the unit cube, for the discrete ones.
        self.lattices: dict[int, list[float]] = {
            i: [k / (axis.high - axis.low) for k in range(int(axis.high - axis.low) + 1)]
            for i, axis in enumerate(self.axes)
            if axis.type == "INT"
        }

    def rounded(self, unit: torch.Tensor) -> torch.Tensor:
        """A point of the cube moved onto the lattice; categories scaled to indices."""
        point = unit.clone()
        for i, axis in enumerate(self.axes):
            if axis.type == "ENUM":
                count = len(axis.options)
                point[i] = min(int(point[i] * count), count - 1)
            elif axis.type == "INT":
                span = axis.high - axis.low
                point[i] = torch.round(point[i] * span) / span
        return point

    def decode(self, point: torch.Tensor) -> list[Any]:
        """Flat values of a point on the lattice."""
        values: list[Any] = []
        for axis, u in zip(self.axes, point.tolist(), strict=True):
            if axis.type == "ENUM":
                values.append(axis.options[round(u)])
            elif axis.type == "INT":
                values.append(int(axis.low) + round(u * (axis.high - axis.low)))
            else:
                values.append(axis.low + u * (axis.high - axis.low))
        return values

    def ask(self) -> tuple[torch.Tensor, list[Any]]:
        self.asked += 1
        if self.asked <= START or not self.x:
            point = self.rounded(self.sobol.draw(1)[0].double())
        else:
            point = self.suggest()
        self.pending.append(point)
        return point, self.decode(point)

    def suggest(self) -> torch.Tensor:
        """The next point once the start is over."""
        raise NotImplementedError

    def tell(self, token: torch.Tensor, results: Mapping[str, float]) -> None:
        self.pending = [point for point in self.pending if point is not token]
        self.x.append(token)
        self.y.append([-results[self.problem.objective], *self.constraints(results)])

    def fitted(self, y: torch.Tensor) -> ModelListGP:
        """A model of every column of y (observations x tasks) with BoTorch's default priors."""
        x = torch.stack(self.x)
        models = []
        for column in y.split(1, dim=-1):
            transform = Standardize(m=1)
            if self.categories:
                model = MixedSingleTaskGP(
                    x, column, cat_dims=self.categories, outcome_transform=transform
                )
            else:
                model = SingleTaskGP(x, column, outcome_transform=transform)
            models.append(model)
        model = ModelListGP(*models)
        fit_gpytorch_mll(SumMarginalLogLikelihood(model.likelihood, model))
        return model
