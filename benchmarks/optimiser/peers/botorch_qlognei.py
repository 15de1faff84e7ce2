"""BoTorch as its closed-loop tutorial does it: qLogNEI with outcome constraints."""

import torch
from botorch.acquisition.logei import qLogNoisyExpectedImprovement
from botorch.acquisition.objective import GenericMCObjective
from botorch.optim import optimize_acqf
from botorch.optim.optimize_mixed import optimize_acqf_mixed_alternating
from botorch.sampling import SobolQMCNormalSampler

from benchmarks.optimiser.peers.botorch_models import BotorchPeer

#: Monte Carlo samples, restarts and raw samples of the tutorial.
SAMPLES, RESTARTS, RAW = 256, 10, 512


class BotorchNoisyEi(BotorchPeer):
    """Log noisy expected improvement, maximised by L-BFGS-B or, with discrete axes, alternating."""

    def suggest(self) -> torch.Tensor:
        model = self.fitted(torch.tensor(self.y))
        acquisition = qLogNoisyExpectedImprovement(
            model=model,
            X_baseline=torch.stack(self.x),
            sampler=SobolQMCNormalSampler(torch.Size([SAMPLES]), seed=self.seed),
            objective=GenericMCObjective(lambda z, X=None: z[..., 0]),  # noqa: ARG005, N803
            constraints=[
                lambda z, i=i: z[..., i + 1] for i in range(len(self.problem.constraints))
            ],
            X_pending=torch.stack(self.pending) if self.pending else None,
            prune_baseline=True,
        )
        bounds = torch.tensor([[0.0] * len(self.axes), [1.0] * len(self.axes)])
        for i in self.categories:
            bounds[1, i] = len(self.axes[i].options) - 1
        if self.categories or self.lattices:
            options = {i: list(range(len(self.axes[i].options))) for i in self.categories}
            candidates, _ = optimize_acqf_mixed_alternating(
                acquisition,
                bounds,
                discrete_dims=self.lattices,
                cat_dims=options,
                num_restarts=RESTARTS,
                raw_samples=RAW,
            )
        else:
            candidates, _ = optimize_acqf(
                acquisition,
                bounds,
                q=1,
                num_restarts=RESTARTS,
                raw_samples=RAW,
                options={"batch_limit": 5, "maxiter": 200},
            )
        point = candidates[0].detach()
        for i, lattice in self.lattices.items():
            point[i] = min(lattice, key=lambda value, i=i: abs(value - float(point[i])))
        return point
