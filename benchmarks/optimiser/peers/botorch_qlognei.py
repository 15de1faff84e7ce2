"""BoTorch as its closed-loop tutorial does it: qLogNEI with outcome constraints."""

from __future__ import annotations

import torch
from botorch.acquisition.logei import qLogNoisyExpectedImprovement
from botorch.acquisition.objective import GenericMCObjective
from botorch.fit import fit_gpytorch_mll
from botorch.models import ModelListGP, SingleTaskGP
from botorch.models.transforms import Standardize
from botorch.optim import optimize_acqf
from botorch.sampling import SobolQMCNormalSampler
from gpytorch.mlls import SumMarginalLogLikelihood

from benchmarks.optimiser.peers.botorch_models import BotorchPeer

#: Monte Carlo samples, restarts and raw samples of the tutorial.
SAMPLES, RESTARTS, RAW = 256, 10, 512


class BotorchNoisyEi(BotorchPeer):
    """Log noisy expected improvement under models with BoTorch's default priors."""

    def suggest(self) -> torch.Tensor:
        x, y = torch.stack(self.x), torch.tensor(self.y)
        model = ModelListGP(
            *(
                SingleTaskGP(x, column, outcome_transform=Standardize(m=1))
                for column in y.split(1, dim=-1)
            )
        )
        fit_gpytorch_mll(SumMarginalLogLikelihood(model.likelihood, model))
        acquisition = qLogNoisyExpectedImprovement(
            model=model,
            X_baseline=x,
            sampler=SobolQMCNormalSampler(torch.Size([SAMPLES]), seed=self.seed),
            objective=GenericMCObjective(lambda z, X=None: z[..., 0]),  # noqa: ARG005, N803
            constraints=[
                lambda z, i=i: z[..., i + 1] for i in range(len(self.problem.constraints))
            ],
            X_pending=torch.stack(self.pending) if self.pending else None,
            prune_baseline=True,
        )
        candidates, _ = optimize_acqf(
            acquisition,
            torch.stack([torch.zeros(self.dims), torch.ones(self.dims)]),
            q=1,
            num_restarts=RESTARTS,
            raw_samples=RAW,
            options={"batch_limit": 5, "maxiter": 200},
        )
        return candidates[0].detach()
