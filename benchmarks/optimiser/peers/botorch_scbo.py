"""BoTorch's SCBO tutorial: Thompson sampling in a trust region, for many dimensions."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import torch
from botorch.exceptions.errors import ModelFittingError
from botorch.fit import fit_gpytorch_mll
from botorch.generation.sampling import ConstrainedMaxPosteriorSampling
from botorch.models import ModelListGP, SingleTaskGP
from botorch.models.transforms import Standardize
from gpytorch.constraints import Interval
from gpytorch.kernels import MaternKernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.mlls import ExactMarginalLogLikelihood
from torch.quasirandom import SobolEngine

from benchmarks.optimiser.peers.botorch_models import BotorchPeer
from benchmarks.optimiser.problems import Definition

SHORTEST, LONGEST, SUCCESSES = 0.5**7, 1.6, 10


class BotorchScbo(BotorchPeer):
    """Scalable constrained optimisation (Eriksson & Poloczek, 2021), one point at a time."""

    def __init__(self, problem: Definition, seed: int):
        super().__init__(problem, seed)
        self.length, self.successes, self.failures = 0.8, 0, 0
        self.patience = max(4.0, self.dims)
        self.best: tuple[float, float] = (float("inf"), float("inf"))

    def tell(self, token: torch.Tensor, results: Mapping[str, float]) -> None:
        super().tell(token, results)
        negative, *constraints = self.y[-1]
        rank = (sum(max(c, 0.0) for c in constraints), -negative)
        better = rank < self.best
        self.best = min(self.best, rank)
        if len(self.y) <= 1:
            return
        self.successes = self.successes + 1 if better else 0
        self.failures = 0 if better else self.failures + 1
        if self.successes == SUCCESSES:
            self.length, self.successes = min(2 * self.length, LONGEST), 0
        elif self.failures >= self.patience:
            self.length, self.failures = self.length / 2, 0
        if self.length < SHORTEST:  # the tutorial stops here; the budget is not used up
            self.length = 0.8

    def _model(self, column: torch.Tensor) -> SingleTaskGP:
        x = torch.stack(self.x)
        dims = x.shape[-1]
        kernel = ScaleKernel(
            MaternKernel(nu=2.5, ard_num_dims=dims, lengthscale_constraint=Interval(0.005, 4.0))
        )
        model = SingleTaskGP(
            x,
            column,
            covar_module=kernel,
            likelihood=GaussianLikelihood(noise_constraint=Interval(1e-8, 1e-3)),
            outcome_transform=Standardize(m=1),
        )
        # Near-constant data cannot be fitted within the tutorial's noise bounds: the defaults stay.
        with contextlib.suppress(ModelFittingError):
            fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        return model.eval()

    def suggest(self) -> torch.Tensor:
        y = torch.tensor(self.y)
        objective, *constraints = (self._model(column) for column in y.split(1, dim=-1))
        ranks = [(sum(max(c, 0.0) for c in row[1:]), -row[0]) for row in self.y]
        centre = self.x[min(range(len(ranks)), key=ranks.__getitem__)]
        dims = self.dims
        low = (centre - self.length / 2).clamp(0, 1)
        high = (centre + self.length / 2).clamp(0, 1)
        count = min(5000, max(2000, 200 * dims))
        sobol = SobolEngine(dims, scramble=True, seed=self.seed * 10_007 + len(self.y))
        moved = low + (high - low) * sobol.draw(count).double()
        mask = torch.rand(count, dims) <= min(20.0 / dims, 1.0)
        empty = torch.where(mask.sum(dim=1) == 0)[0]
        mask[empty, torch.randint(0, dims, (len(empty),))] = True
        candidates = torch.where(mask, moved, centre.expand(count, dims))
        sampling = ConstrainedMaxPosteriorSampling(
            model=objective, constraint_model=ModelListGP(*constraints), replacement=False
        )
        with torch.no_grad():
            return sampling(candidates, num_samples=1)[0]
