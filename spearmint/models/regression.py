"""Gaussian process regression of one task: evidence, its gradient, and the MAP fit.

Hyper-parameters t, shape (G + 2,): log ℓ of each group, log amplitude, log noise variance.
"""

from collections.abc import Callable, Sequence
from math import log, pi

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import minimize

from spearmint.models import priors
from spearmint.models.kernel import Gram
from spearmint.models.linalg import say_once
from spearmint.space import Array

#: What an objective of the fit says where a matrix cannot be factorised.
IMPOSSIBLE = 1e10

Objective = Callable[[Array], tuple[float, Array]]


def negative_log_evidence(gram: Gram, y: Array, t: Array) -> tuple[float, Array]:
    """-log N(y; 0, K + σ² I) and its gradient (Rasmussen & Williams 2006, eq. 2.30 and 5.9).

    Args:
        gram: Covariance of the n points.
        y: Values, shape (n,).
        t: Hyper-parameters, shape (G + 2,).

    Returns:
        Value, and gradient, shape (G + 2,).
    """
    noise = float(np.exp(t[-1]))
    factor, info = lapack.dpotrf(gram.upper(t[:-1], noise), lower=0, clean=0, overwrite_a=1)
    if info != 0:
        return IMPOSSIBLE, np.zeros_like(t)
    alpha, _ = lapack.dpotrs(factor, y, lower=0)
    diagonal = factor.reshape(-1, order="F")[:: gram.n + 1]
    value = 0.5 * float(y @ alpha) + float(np.log(diagonal).sum()) + 0.5 * gram.n * log(2 * pi)
    inverse, _ = lapack.dpotri(factor, lower=0, overwrite_c=1)
    flat = inverse.reshape(-1, order="F")
    # d/dθ = ½ tr((K⁻¹ - α αᵀ) dK/dθ)
    pairs = 0.5 * (flat[gram.flat] - alpha[gram.pairs[0]] * alpha[gram.pairs[1]])
    on_diagonal = 0.5 * (flat[:: gram.n + 1] - alpha**2)
    gradient = np.empty_like(t)
    gradient[:-1] = gram.contract(pairs, on_diagonal)
    gradient[-1] = noise * on_diagonal.sum()
    return value, gradient


def with_priors(objective: Objective, groups: int) -> Objective:
    """Adds -log prior of the length scales, the amplitude and, if it is there, the noise."""
    scales = priors.length_scales(groups)

    def penalised(t: Array) -> tuple[float, Array]:
        value, gradient = objective(t)
        parts = [(scales, slice(0, groups)), (priors.AMPLITUDE, slice(groups, groups + 1))]
        if len(t) > groups + 1:
            parts.append((priors.NOISE, slice(groups + 1, None)))
        for prior, part in parts:
            penalty, slope = prior.penalty(t[part])
            value += penalty
            gradient[part] += slope
        return value, gradient

    return penalised


def start_of(groups: int) -> Array:
    """Where a fit without better knowledge starts, shape (G + 2,)."""
    scale = max(priors.length_scales(groups).start, log(0.5))
    return np.concatenate([np.full(groups, scale), [priors.AMPLITUDE.start, log(1e-3)]])


def bounds(groups: int, noise: tuple[float, ...]) -> tuple[Array, Array]:
    """Lower and upper ends of hyper-parameters.

    Args:
        groups: Number of length scales.
        noise: Ends of the log noise variance; () where there is none.
    """
    pairs = [priors.LENGTH_BOUNDS] * groups + [priors.AMPLITUDE_BOUNDS]
    low, high = np.array([*pairs, noise] if noise else pairs).T
    return low, high


def maximise(
    objective: Objective, starts: Sequence[Array], box: tuple[Array, Array], iterations: int
) -> tuple[Array, float]:
    """The best of L-BFGS-B runs from several starts; a start itself if every run fails.

    Args:
        objective: Value to be made small, and its gradient.
        starts: Hyper-parameters, each shape (P,): length scales, amplitude[, noise].
        box: Bounds from ``bounds``.
        iterations: Largest number of iterations of a run.

    Returns:
        Hyper-parameters, shape (P,), and the value there.
    """
    best, lowest = starts[0], np.inf
    for start in starts:
        result = minimize(
            objective,
            np.clip(start, *box),
            jac=True,
            method="L-BFGS-B",
            bounds=np.column_stack(box),
            options={"maxiter": iterations, "ftol": 1e-6, "gtol": 1e-3},
        )
        if result.fun < min(lowest, IMPOSSIBLE):
            best, lowest = result.x, float(result.fun)
    if not np.isfinite(lowest):
        say_once("a model could not be fitted; its hyper-parameters are those of its prior")
    return best, lowest
