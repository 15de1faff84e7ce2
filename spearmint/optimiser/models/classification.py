"""Gaussian process classification of 0/1 outcomes: probit likelihood, Laplace's approximation.

Rasmussen & Williams 2006, algorithms 3.1 (mode) and 5.1 (evidence and its gradient).
Hyper-parameters t, shape (G + 1,): log ℓ of each group, log amplitude.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np
from scipy.linalg import cho_solve, solve_triangular
from scipy.special import log_ndtr

from spearmint.optimiser.models.kernel import Gram
from spearmint.optimiser.models.linalg import cholesky
from spearmint.optimiser.space import Array

_NEWTON_STEPS = 60
_TOLERANCE = 1e-8


@dataclass(frozen=True, slots=True)
class Mode:
    """The mode of the posterior of n latent values f, and quantities derived from it.

    Attributes:
        latent: The mode f, shape (n,).
        alpha: ∇ log p(labels | f) = K⁻¹ f, shape (n,): posterior means are k(x)ᵀ alpha.
        root: √W, W = -∇∇ log p, shape (n,).
        factor: Lower Cholesky factor of B = I + √W K √W, shape (n, n).
        value: Laplace's approximation of log p(labels).
    """

    latent: Array
    alpha: Array
    root: Array
    factor: Array
    value: float


def likelihood(latent: Array, labels: Array) -> tuple[Array, Array, Array, Array]:
    """The log of Φ(y f), and its first, minus its second, and its third derivative by f.

    Args:
        latent: Values f, shape (n,).
        labels: Outcomes y, +1 or -1, shape (n,).

    Returns:
        Four arrays of shape (n,).
    """
    z = labels * latent
    value = log_ndtr(z)
    ratio = np.exp(-0.5 * z**2 - 0.5 * log(2 * pi) - value)
    second = ratio * (ratio + z)
    third = labels * (2 * ratio**3 + 3 * z * ratio**2 + z**2 * ratio - ratio)
    return value, labels * ratio, np.maximum(second, 1e-12), third


def mode(covariance: Array, labels: Array) -> Mode:
    """Finds the mode by Newton's method with step halving, without inverting K.

    Args:
        covariance: K, shape (n, n).
        labels: +1 (met) or -1 (not met), shape (n,).
    """
    n = len(labels)
    alpha, latent = np.zeros(n), np.zeros(n)
    height = float(likelihood(latent, labels)[0].sum())
    for _ in range(_NEWTON_STEPS):
        _, slope, curvature, _ = likelihood(latent, labels)
        root = np.sqrt(curvature)
        factor = cholesky(np.eye(n) + root[:, None] * covariance * root)
        b = curvature * latent + slope
        target = b - root * cho_solve((factor, True), root * (covariance @ b))
        step, before = target - alpha, height
        for _ in range(20):
            trial = alpha + step
            latent = covariance @ trial
            height = float(likelihood(latent, labels)[0].sum() - 0.5 * trial @ latent)
            if height >= before - 1e-12:
                break
            step = step / 2
        alpha = trial
        if height - before < _TOLERANCE:
            break
    value, _, curvature, _ = likelihood(latent, labels)
    root = np.sqrt(curvature)
    factor = cholesky(np.eye(n) + root[:, None] * covariance * root)
    evidence = float(value.sum() - 0.5 * alpha @ latent - np.log(np.diag(factor)).sum())
    return Mode(latent, alpha, root, factor, evidence)


def log_evidence(gram: Gram, labels: Array, t: Array) -> tuple[float, Array]:
    """Laplace's log p(labels) and its gradient.

    Args:
        gram: The n points.
        labels: +1 or -1, shape (n,).
        t: Hyper-parameters, shape (G + 1,).

    Returns:
        Value, and gradient, shape (G + 1,).
    """
    values = gram.upper(t[None], np.zeros(1), np.zeros(1, dtype=np.bool_))
    upper = np.triu(values.matrix(0))
    covariance = upper + np.triu(upper, 1).T
    fitted = mode(covariance, labels)
    _, slope, _, third = likelihood(fitted.latent, labels)
    # R = √W B⁻¹ √W; C = L⁻¹ √W K
    scaled = solve_triangular(fitted.factor, np.diag(fitted.root), lower=True)
    inverse = scaled.T @ scaled
    c = scaled @ covariance
    by_mode = 0.5 * (np.diag(covariance) - np.sum(c**2, axis=0)) * third
    u = by_mode - inverse @ (covariance @ by_mode)
    # d log q = Σ_ij dK_ij M_ij
    m = 0.5 * (np.outer(fitted.alpha, fitted.alpha) - inverse)
    m += 0.5 * (np.outer(u, slope) + np.outer(slope, u))
    gradient = values.contract(m[gram.pairs][None], np.diag(m)[None])[0]
    return fitted.value, gradient
