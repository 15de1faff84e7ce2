"""HyperPower's chooser with hyper-parameters integrated over by MCMC instead of their MAP values.

Not a peer but a question to ourselves: Spearmint integrates the acquisition over samples of the
hyper-parameters (Snoek, Larochelle & Adams 2012, sec. 3.1). Does that pay here?
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.optimiser.peers.ours import Ours
from benchmarks.optimiser.problems import Definition
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.optimiser.acquisition import log_mean
from spearmint.optimiser.models import priors, regression
from spearmint.optimiser.models.kernel import KERNELS, Gram
from spearmint.optimiser.models.task_model import TaskModel

#: Chains, each of which gives one sample, and sweeps over all hyper-parameters from the MAP values.
CHAINS, SWEEPS = 8, 6
WIDTH, STEPS_OUT = 1.5, 3

Array = NDArray[np.float64]
#: f(t (k, P)) -> log densities (k,).
Density = Callable[[Array], Array]


def _density_of(density: Density, t: Array, which: NDArray[np.bool_]) -> Array:
    out = np.full(len(t), -np.inf)
    if which.any():
        out[which] = density(t[which])
    return out


def slice_sample(
    density: Density, t: Array, low: Array, high: Array, rng: np.random.Generator
) -> Array:
    """Chains t, shape (C, P), after some sweeps of slice sampling a coordinate (Neal 2003)."""
    t, count = t.copy(), len(t)
    value = density(t)
    for _ in range(SWEEPS):
        for p in rng.permutation(t.shape[1]):
            if not low[p] < high[p]:
                continue
            level = value + np.log(rng.random(count))
            left = t[:, p] - WIDTH * rng.random(count)
            ends = {-1: left, 1: left + WIDTH}
            for side, end in ends.items():
                active = np.ones(count, dtype=bool)
                for _ in range(STEPS_OUT):
                    trial = t.copy()
                    trial[:, p] = end
                    active &= (end > low[p]) & (end < high[p])
                    active &= _density_of(density, trial, active) > level
                    end[active] += side * WIDTH
            left, right = (np.clip(end, low[p], high[p]) for end in ends.values())
            todo = np.ones(count, dtype=bool)
            while todo.any():
                trial = t.copy()
                trial[:, p] = x = left + (right - left) * rng.random(count)
                found = _density_of(density, trial, todo)
                taken = todo & (found > level)
                above = todo & ~taken & (x > t[:, p])
                below = todo & ~taken & ~above
                t[taken, p], value[taken] = x[taken], found[taken]
                right[above], left[below] = x[above], x[below]
                todo &= ~taken & (right - left > 1e-9)
    return t


class _Averaged:
    """The log of the mean of several acquisitions."""

    def __init__(self, parts: Sequence[Any]):
        self.parts = parts

    def __call__(self, points: Array) -> Array:
        return log_mean(np.stack([part(points) for part in self.parts], axis=-1))[0]

    def with_gradient(self, points: Array) -> tuple[Array, Array]:
        values, gradients = zip(*(part.with_gradient(points) for part in self.parts), strict=True)
        value, share = log_mean(np.stack(values, axis=-1))
        return value, np.einsum("mh,hmf->mf", share, np.stack(gradients))


class _Integrated(DefaultChooser):
    def _acquisition(self, known: Any, models: Sequence[TaskModel], rng: Any) -> Any:
        samples = [self._samples(model, rng) for model in models]
        rows = zip(*samples, strict=True)
        return _Averaged([super(_Integrated, self)._acquisition(known, row, rng) for row in rows])

    def _samples(self, model: TaskModel, rng: np.random.Generator) -> list[TaskModel]:
        """The model with hyper-parameters drawn from their posterior; outcomes keep their MAP."""
        if model.warp is None:
            return [model] * CHAINS
        groups = self.features.groups
        gram, gaussian = Gram(self.features, model.rows), model.kernel == KERNELS[1]
        noisy = model.task.likelihood == "GAUSSIAN"
        ends = priors.NOISE_BOUNDS if noisy else (priors.NO_NOISE, priors.NO_NOISE)

        def density(t: Array) -> Array:
            z, kind = np.repeat(model.z[None], len(t), axis=0), np.full(len(t), gaussian)
            value, _ = regression.log_evidence(gram, z, t, kind)
            # The prior's density is that of ℓ; a chain walks in log ℓ.
            return value - priors.penalty(groups, t)[0] + np.sum(t[:, :groups], axis=1)

        low, high = priors.box(groups, ends)
        start = np.append(model.theta, np.log(max(model.noise, np.exp(ends[0]))))
        chains = np.clip(np.repeat(start[None], CHAINS, axis=0), low, high)
        chains = slice_sample(density, chains, low, high, rng)
        return [replace(model, theta=t[:-1], noise=float(np.exp(t[-1]))) for t in chains]


class OursIntegrated(Ours):
    """Eight samples of the hyper-parameters, two of everything else that is uncertain for each."""

    def __init__(self, problem: Definition, seed: int):
        super().__init__(problem, seed)
        assert isinstance(self.chooser, DefaultChooser)
        arguments = self.chooser.arguments | {"fantasies": 2}
        self.chooser = _Integrated(self.chooser.problem, seed, arguments)
