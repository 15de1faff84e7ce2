"""Samples of the uncertain values at known points: fantasies.

The noise-free values at observed points (Letham et al. 2019, "Constrained Bayesian Optimization
with Noisy Experiments", Bayesian Analysis) and the results of pending jobs (Snoek, Larochelle &
Adams 2012, sec. 3.2) are drawn S times from the joint posterior. Given one sample, there is no
noise, and the best feasible value is a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from spearmint.optimiser.models import classification
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.linalg import cholesky
from spearmint.optimiser.models.surrogate import Posterior, Surrogate, covariance, exact
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.space import Array

#: Noise below this share of the amplitude is neglected.
NEGLIGIBLE_NOISE = 1e-5
#: Added to the diagonal of noise-free matrices, as a share of the amplitude: keeps them positive
#: definite.
NUGGET = 1e-10
#: Variance added to the latent function of a STEP task when an outcome is predicted.
STEP_WIDTH = 0.25


def is_noisy(model: TaskModel) -> bool:
    """Whether the noise-free values of a model differ noticeably from the observed ones."""
    if model.extra is not None:
        return True
    return model.warp is not None and model.noise > NEGLIGIBLE_NOISE * np.exp(model.theta[-1])


def condition(
    features: Features,
    models: Sequence[TaskModel],
    pending: Array,
    samples: int,
    rng: np.random.Generator,
    noise_free: bool = True,
) -> tuple[Surrogate, list[Array]]:
    """Posteriors given S samples of all uncertain values.

    Args:
        features: Features of the space.
        models: R models.
        pending: Features of pending jobs, shape (p, F).
        samples: S; 1 is used instead if nothing is uncertain.
        rng: Random numbers.
        noise_free: Whether to sample the noise-free values at observed points. False keeps the
            observed values with their noise: the ordinary posterior.

    Returns:
        The stacked posteriors, and for each model the values at its n observations and the pending
        points, shape (n + p, S).
    """
    noisy = [noise_free and is_noisy(model) for model in models]
    count = samples if len(pending) or any(noisy) else 1
    conditioned = [
        _condition(features.group, model, pending, count, rng, sampled)
        for model, sampled in zip(models, noisy, strict=True)
    ]
    posteriors, values = zip(*conditioned, strict=True)
    return Surrogate(features, posteriors), list(values)


def _condition(
    group: NDArray[np.intp],
    model: TaskModel,
    pending: Array,
    samples: int,
    rng: np.random.Generator,
    sampled: bool,
) -> tuple[Posterior, Array]:
    kernel, theta = model.kernel, model.theta
    if model.warp is None:
        posterior = _outcomes(group, model, samples)
        at_pending = covariance(kernel, group, theta, pending, model.rows) @ posterior.alpha
        known = np.repeat(model.z[:, None], samples, axis=1)
        return posterior, np.vstack([known, at_pending])
    rows = np.vstack([model.rows, pending])
    floor = NUGGET * float(np.exp(theta[-1]))
    noise = max(model.noise, floor)
    if sampled:
        values = _sample(group, model, rows, noise, samples, rng)
        return exact(kernel, group, theta, rows, values, floor, model.threshold), values
    values = np.repeat(model.z[:, None], samples, axis=1)
    if len(pending):
        values = np.vstack([values, _sample(group, model, pending, noise, samples, rng)])
    if model.extra is None:
        return exact(kernel, group, theta, rows, values, noise, model.threshold), values
    each = noise + np.concatenate([model.extra, np.zeros(len(pending))])
    return exact(kernel, group, theta, rows, values, each, model.threshold), values


def _outcomes(group: NDArray[np.intp], model: TaskModel, samples: int) -> Posterior:
    """The posterior of the latent function of a task with 0/1 outcomes.

    BINOMIAL outcomes are random, so the function stays uncertain where they were observed: this is
    Laplace's approximation. A STEP outcome is the sign of the function, which is assumed to be
    known, at its mode, where it was observed. (With STEP_WIDTH and STEP_AMPLITUDE, this reduced the
    log loss of held-out outcomes from 0.23 to 0.12: five boundaries in two dimensions, 30 points.)
    """
    k = covariance(model.kernel, group, model.theta, model.rows, model.rows)
    mode = classification.mode(k, model.z)
    if model.task.likelihood == "STEP":
        latent = np.repeat(mode.latent[:, None], samples, axis=1)
        nugget = 1e-6 * float(np.exp(model.theta[-1]))
        known = exact(model.kernel, group, model.theta, model.rows, latent, nugget, 0.0)
        return replace(known, extra=STEP_WIDTH)
    # var = k** - k*ᵀ √W B⁻¹ √W k* (Rasmussen & Williams 2006, eq. 3.29)
    root = solve_triangular(mode.factor, np.diag(mode.root), lower=True)
    alpha = np.repeat(mode.alpha[:, None], samples, axis=1)
    return Posterior(model.kernel, model.theta, model.rows, alpha, root, 0.0, 1.0)


def _sample(
    group: NDArray[np.intp],
    model: TaskModel,
    rows: Array,
    noise: float,
    samples: int,
    rng: np.random.Generator,
) -> Array:
    """Samples the noise-free values at rows, shape (m, S), jointly and in antithetic pairs."""
    kernel, theta = model.kernel, model.theta
    n = len(model.rows)
    known = covariance(kernel, group, theta, model.rows, model.rows) + noise * np.eye(n)
    if model.extra is not None:
        known += np.diag(model.extra)
    factor = cholesky(known)
    cross = covariance(kernel, group, theta, model.rows, rows)
    v = solve_triangular(factor, cross, lower=True)
    mean = v.T @ solve_triangular(factor, model.z, lower=True)
    spread = covariance(kernel, group, theta, rows, rows) - v.T @ v
    spread += NUGGET * float(np.exp(theta[-1])) * np.eye(len(rows))
    normals = rng.standard_normal((len(rows), (samples + 1) // 2))
    normals = np.hstack([normals, -normals])[:, :samples]
    drawn: Array = mean[:, None] + cholesky(spread) @ normals
    return drawn
