"""Compares our models and acquisition with GPyTorch's and BoTorch's on the same data.

    benchmarks/optimiser/.venv/bin/python benchmarks/optimiser/agreement.py

Runs in the peers' environment (`run.py` makes it). Same points, values and hyper-parameters for
both; prints the largest difference of each quantity and ends with 1 if one is over its tolerance.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import gpytorch
import numpy as np
import torch
from botorch.acquisition.analytic import (
    LogConstrainedExpectedImprovement,
    LogExpectedImprovement,
    LogProbabilityOfImprovement,
)
from botorch.models import ModelListGP, SingleTaskGP
from gpytorch.kernels import ConstantKernel, MaternKernel, RBFKernel, ScaleKernel
from gpytorch.means import ZeroMean

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from spearmint.config import Variable
from spearmint.optimiser.acquisition import (
    ConstrainedImprovement,
    ObjectiveImprovement,
    log_ei,
    log_met,
)
from spearmint.optimiser.models.kernel import KERNELS, MEAN_VARIANCE, Features, Gram
from spearmint.optimiser.models.regression import log_evidence
from spearmint.optimiser.models.surrogate import Surrogate, exact
from spearmint.optimiser.space import Space

warnings.simplefilter("ignore")
torch.set_default_dtype(torch.double)

SPACES: dict[str, list[Variable]] = {
    "2 FLOAT": [Variable("x", "FLOAT", 2, 0.0, 1.0)],
    "8 FLOAT": [Variable("x", "FLOAT", 8, -3.0, 5.0)],
    "mixed": [
        Variable("x", "FLOAT", 2, 0.0, 1.0),
        Variable("n", "INT", 1, 1, 20),
        Variable("act", "ENUM", options=("relu", "elu", "tanh")),
    ],
}
#: Largest difference allowed: absolute for logarithms, relative to the prior's scale of 1 else.
TOLERANCES = {
    "log evidence": 1e-8,
    "its gradient": 1e-8,
    "posterior mean": 1e-10,
    "posterior variance": 1e-11,
    "log EI": 1e-5,
    "its gradient by x": 1e-4,
    "log EI x P(feasible)": 1e-5,
}


def reference(
    kernel: str, group: np.ndarray, theta: np.ndarray, noise: float, x: np.ndarray, y: np.ndarray
) -> SingleTaskGP:
    """The same model as a BoTorch model."""
    kind = {"matern52": lambda **k: MaternKernel(nu=2.5, **k), "gaussian": RBFKernel}[kernel]
    base = kind(ard_num_dims=x.shape[1])
    scaled, constant = ScaleKernel(base), ConstantKernel()
    model = SingleTaskGP(
        torch.tensor(x),
        torch.tensor(y)[:, None],
        train_Yvar=torch.full((len(y), 1), noise),
        mean_module=ZeroMean(),
        covar_module=scaled + constant,
        outcome_transform=None,
    )
    base.lengthscale = torch.tensor(np.exp(theta[:-1])[group])
    scaled.outputscale = torch.tensor(np.exp(theta[-1]))
    constant.constant = torch.tensor(MEAN_VARIANCE)
    return model.eval()


def evidence(model: SingleTaskGP, group: np.ndarray) -> tuple[float, np.ndarray]:
    """GPyTorch's log marginal likelihood; its gradient by log length scales, log amplitude."""
    model.train()
    (x,), y = model.train_inputs, model.train_targets
    scaled = model.covar_module.kernels[0]
    base = scaled.base_kernel
    value = model.likelihood(model(x), [x]).log_prob(y)
    model.zero_grad()
    value.backward()
    # raw -> constrained -> log: both transforms' slopes by their own autograd
    lengths, amplitude = base.lengthscale, scaled.outputscale
    by_length = base.raw_lengthscale.grad[0] / _slope(base, "raw_lengthscale")[0]
    by_amplitude = scaled.raw_outputscale.grad / _slope(scaled, "raw_outputscale")
    by_log = (by_length * lengths[0]).detach().numpy()
    sums = np.bincount(group, weights=by_log)
    model.eval()
    return value.item(), np.append(sums, (by_amplitude * amplitude).detach().numpy())


def _slope(module: gpytorch.Module, name: str) -> torch.Tensor:
    """d constrained / d raw of a parameter."""
    raw = getattr(module, name).detach().clone().requires_grad_()
    getattr(module, f"{name}_constraint").transform(raw).sum().backward()
    return raw.grad


def compare(name: str, n: int, kernel: str, seed: int) -> Iterator[tuple[str, float]]:
    """(quantity, largest difference) for one data set."""
    rng = np.random.default_rng(seed)
    space = Space(SPACES[name])
    features = Features(space)
    rows = features.of(space.snap(rng.random((n, space.dimension))))
    points = features.of(space.snap(rng.random((200, space.dimension))))
    group = features.group
    thetas, models, posteriors = [], [], []
    noise = 10.0 ** rng.uniform(-4, -2)
    for _ in range(2):
        theta = np.append(rng.normal(-0.3, 0.4, features.groups), rng.normal(0, 0.4))
        y = np.sin(4 * rows @ rng.normal(size=rows.shape[1])) + 0.1 * rng.standard_normal(n)
        thetas.append((theta, y))
        models.append(reference(kernel, group, theta, noise, rows, y))
        posteriors.append(exact(kernel, group, theta, rows, y[:, None], noise, 0.0))

    gaussian = np.array([kernel == KERNELS[1]])
    for (theta, y), model in zip(thetas, models, strict=True):
        t = np.append(theta, np.log(noise))[None]
        value, gradient = log_evidence(Gram(features, rows), y[None], t, gaussian)
        theirs, by_theta = evidence(model, group)
        yield "log evidence", abs(value[0] - theirs)
        yield "its gradient", np.abs(gradient[0, :-1] - by_theta).max()

    mean, variance = Surrogate(features, posteriors).predict(points)
    for model, m, v in zip(models, mean[:, :, 0], variance, strict=True):
        with torch.no_grad():
            theirs = model.posterior(torch.tensor(points))
        yield "posterior mean", np.abs(m - theirs.mean[:, 0].numpy()).max()
        yield "posterior variance", np.abs(v - theirs.variance[:, 0].numpy()).max()

    best = float(thetas[0][1].min())
    gain = ObjectiveImprovement(np.array([best]))
    alone = ConstrainedImprovement(Surrogate(features, posteriors[:1]), gain, np.array([0.0]))
    both = ConstrainedImprovement(Surrogate(features, posteriors), gain, np.array([0.0]))
    x = torch.tensor(points[:, None, :]).requires_grad_()
    theirs = LogExpectedImprovement(models[0], best_f=best, maximize=False)(x)
    theirs.sum().backward()
    value, gradient = alone.with_gradient(points)
    yield "log EI", np.abs(value - theirs.detach().numpy()).max()
    yield "its gradient by x", np.abs(gradient - x.grad[:, 0].numpy()).max()
    constrained = LogConstrainedExpectedImprovement(
        ModelListGP(*models), best_f=best, objective_index=0, constraints={1: (0, None)},
        maximize=False,
    )  # fmt: skip
    with torch.no_grad():
        yield "log EI x P(feasible)", np.abs(both(points) - constrained(x).numpy()).max()


def tails() -> Iterator[tuple[str, float]]:
    """log EI and log P far out, where naive formulas give -inf."""

    class Fixed(SingleTaskGP):
        """Mean -u and variance 1 at u."""

        def posterior(self, X, *_, **__):  # noqa: N803 - BoTorch's name
            return gpytorch.distributions.MultivariateNormal(
                -X[..., 0], torch.eye(1).expand(*X.shape[:-2], 1, 1)
            )

    u = -np.concatenate([np.linspace(-5, 40, 400), np.logspace(1.6, 4, 60)])
    fixed = Fixed(torch.zeros(2, 1), torch.zeros(2, 1))
    from botorch.posteriors import GPyTorchPosterior

    plain = fixed.posterior
    fixed.posterior = lambda X, *a, **k: GPyTorchPosterior(plain(X))  # noqa: ARG005, N803
    x = torch.tensor(u)[:, None, None]
    with torch.no_grad():
        theirs = LogExpectedImprovement(fixed, best_f=0.0, maximize=False)(x).numpy()
        probability = LogProbabilityOfImprovement(fixed, best_f=0.0, maximize=False)(x).numpy()
    ours, _, _ = log_ei(-u, np.ones_like(u), np.zeros_like(u))
    yield (
        "log EI, u from 5 to -10,000 (relative)",
        np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1)),
    )
    met, _, _ = log_met(u, np.ones_like(u), np.zeros_like(u), np.zeros_like(u))
    yield (
        "log P(met), same (relative)",
        np.max(np.abs(met - probability) / np.maximum(np.abs(probability), 1)),
    )


def main() -> int:
    """Prints the largest differences; 1 if one is over its tolerance."""
    largest: dict[tuple[str, str], float] = {}
    with gpytorch.settings.fast_computations(False, False, False):
        for name in SPACES:
            for n, kernel, seed in [(n, k, s) for n in (8, 40) for k in KERNELS for s in range(5)]:
                for quantity, difference in compare(name, n, kernel, seed):
                    key = (quantity, name)
                    largest[key] = max(largest.get(key, 0.0), float(difference))
    failed = False
    print(f"{'':22s}" + "".join(f"{name:>12s}" for name in SPACES) + "   tolerance")
    for quantity, tolerance in TOLERANCES.items():
        values = [largest[quantity, name] for name in SPACES]
        failed |= not all(value <= tolerance for value in values)
        print(f"{quantity:22s}" + "".join(f"{v:12.1e}" for v in values) + f"{tolerance:12.0e}")
    for quantity, difference in tails():
        failed |= not difference <= 1e-12
        print(f"{quantity}: {difference:.1e}, tolerance 1e-12")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
