"""Linear algebra of covariance matrices, with the only numerical guard: jitter on the diagonal."""

from __future__ import annotations

import logging

import numpy as np
from scipy.linalg import blas, lapack

from spearmint.optimiser.space import Array

log = logging.getLogger(__name__)

#: Relative to the mean of the diagonal; tried in this order when a factorisation fails.
JITTERS = (0.0, 1e-9, 1e-7, 1e-5, 1e-3)
#: From this size on, BLAS' trmm multiplies by a triangular matrix faster than a full product does.
LARGE = 300
#: Lower bound of a variance as a share of its prior variance: rounding must not make it zero.
SMALLEST_VARIANCE = 1e-12

_warned: set[str] = set()


def warn_once(message: str) -> None:
    """Logs a warning unless this process has logged it before."""
    if message not in _warned:
        _warned.add(message)
        log.warning(message)


def cholesky(matrix: Array) -> Array:
    """Lower factor L, L Lᵀ = matrix + jitter I, shape (n, n), with the least jitter that works.

    Args:
        matrix: Symmetric, positive semi-definite up to rounding, shape (n, n).
    """
    level = float(np.trace(matrix)) / max(len(matrix), 1)
    for jitter in JITTERS:
        shifted = matrix + (jitter * level) * np.eye(len(matrix)) if jitter else matrix
        factor, info = lapack.dpotrf(shifted, lower=1, clean=1)
        if info == 0 and np.isfinite(factor).all():
            if jitter > JITTERS[2]:
                warn_once("a covariance matrix was nearly singular; its diagonal was increased")
            return np.asarray(factor)
    warn_once("a covariance matrix could not be factorised; only its diagonal was used")
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
        transposed: Whether to multiply by Lᵀ instead of L.

    Returns:
        Shape (R, m, n).
    """
    if factors.shape[1] < LARGE:
        return rows @ (factors.transpose(0, 2, 1) if transposed else factors)
    out = np.empty_like(rows)
    for r, factor in enumerate(factors):
        # Stored by columns, as BLAS requires, L is its upper triangular transpose.
        product = blas.dtrmm(1.0, factor.T, rows[r].T, lower=0, trans_a=transposed)
        out[r] = product.T
    return out
