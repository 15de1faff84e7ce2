"""Gaussian process regression: the evidence of hyper-parameters and its gradient.

Hyper-parameters t, shape (G + 2,): log ℓ of each group, log amplitude, log noise variance.
"""

from __future__ import annotations

from math import log, pi

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from spearmint.optimiser.models.kernel import Gram
from spearmint.optimiser.space import Array


def log_evidence(
    gram: Gram, z: Array, t: Array, gaussian: NDArray[np.bool_], extra: Array | None = None
) -> tuple[Array, Array]:
    """The log of N(z; 0, K + σ² I + diag(extra)) and its gradient.

    Rasmussen & Williams 2006, eq. 2.30 and 5.9.

    Args:
        gram: The n points.
        z: Values, shape (B, n).
        t: Hyper-parameters, shape (B, G + 2).
        gaussian: Which sets use the second of `KERNELS`, shape (B,).
        extra: Known variances of each value's own noise, shape (B, n); None for none.

    Returns:
        Values, shape (B,), -inf if the matrix cannot be factorised; gradients, shape (B, G + 2).
    """
    n = gram.n
    noise = np.exp(t[:, -1])
    values = gram.upper(t[:, :-1], noise, gaussian)
    if extra is not None:
        values.matrices[:, :: n + 1] += extra
    alpha = np.zeros((len(t), n))
    pivots = np.ones((len(t), n))
    ok = np.ones(len(t), dtype=np.bool_)
    for b in range(len(t)):
        # The factor and then the inverse overwrite the matrix.
        factor, info = lapack.dpotrf(values.matrix(b), lower=0, clean=0, overwrite_a=1)
        if info != 0:
            values.matrices[b], ok[b] = 0.0, False
            continue
        alpha[b], _ = lapack.dpotrs(factor, z[b], lower=0)
        pivots[b] = factor.diagonal()
        lapack.dpotri(factor, lower=0, overwrite_c=1)
    value = -0.5 * ((z * alpha).sum(axis=1) + n * log(2 * pi)) - np.log(pivots).sum(axis=1)
    value[~ok] = -np.inf
    # d/dθ = ½ tr((α αᵀ - K⁻¹) dK/dθ)
    i, j = gram.pairs
    pairs = 0.5 * (alpha[:, i] * alpha[:, j] - values.matrices[:, gram.flat])
    diagonal = 0.5 * (alpha**2 - values.matrices[:, :: n + 1])
    gradient = np.column_stack([values.contract(pairs, diagonal), noise * diagonal.sum(axis=1)])
    return value, gradient
