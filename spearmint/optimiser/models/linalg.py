"""Linear algebra of covariance matrices, and the only numerical guard: jitter on a diagonal."""

from __future__ import annotations

import logging

import numpy as np
from scipy.linalg import blas, lapack

from spearmint.optimiser.space import Array

log = logging.getLogger(__name__)

#: Relative to the mean of the diagonal; tried in this order when a factorisation fails.
JITTERS = (0.0, 1e-9, 1e-7, 1e-5, 1e-3)
#: From this size on a product with a triangle is faster by BLAS' trmm than by a full product.
LARGE = 300
#: A variance is never below this share of its prior: rounding must not make it zero.
SMALLEST_VARIANCE = 1e-12

_said: set[str] = set()


def say_once(message: str) -> None:
    """Logs a warning the first time it comes up in this process."""
    if message not in _said:
        _said.add(message)
        log.warning(message)


def cholesky(matrix: Array) -> Array:
    """Lower factor L, L Lᵀ = matrix + jitter I, shape (n, n); jitter only as far as needed.

    Args:
        matrix: Symmetric, positive semi-definite up to rounding, shape (n, n).
    """
    level = float(np.trace(matrix)) / max(len(matrix), 1)
    for jitter in JITTERS:
        shifted = matrix + (jitter * level) * np.eye(len(matrix)) if jitter else matrix
        factor, info = lapack.dpotrf(shifted, lower=1, clean=1)
        if info == 0 and np.isfinite(factor).all():
            if jitter > JITTERS[2]:
                say_once("a covariance matrix was nearly singular; its diagonal was raised")
            return np.asarray(factor)
    say_once("a covariance matrix could not be factorised; its diagonal was used")
    diagonal = np.nan_to_num(np.diag(matrix), nan=1.0, posinf=1.0, neginf=1.0)
    return np.diag(np.sqrt(np.maximum(diagonal, SMALLEST_VARIANCE)))


def inverse_lower(factor: Array) -> Array:
    """L⁻¹ of a lower triangular L, shape (n, n)."""
    inverse, _ = lapack.dtrtri(factor, lower=1)
    return np.tril(inverse)


def times_lower(rows: Array, factors: Array, *, transposed: bool = False) -> Array:
    """X Lᵀ (`transposed`), or X L, for each of R lower triangular L.

    Args:
        rows: X, shape (R, m, n).
        factors: L, shape (R, n, n), each stored by rows.
        transposed: Which of the two.

    Returns:
        Shape (R, m, n).
    """
    if factors.shape[1] < LARGE:
        return rows @ (factors.transpose(0, 2, 1) if transposed else factors)
    out = np.empty_like(rows)
    for r, factor in enumerate(factors):
        # By columns, as BLAS wants it, L is its upper triangular transpose.
        product = blas.dtrmm(1.0, factor.T, rows[r].T, lower=0, trans_a=transposed)
        out[r] = product.T
    return out
