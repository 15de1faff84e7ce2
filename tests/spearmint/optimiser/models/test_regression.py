"""The evidence against the definition of the normal density, and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from spearmint.config import Variable
from spearmint.optimiser.models.kernel import KERNELS, Features, Gram
from spearmint.optimiser.models.regression import log_evidence
from spearmint.optimiser.models.surrogate import covariance
from spearmint.optimiser.space import Space

FEATURES = Features(
    Space([Variable("x", "FLOAT", 2, 0.0, 1.0), Variable("e", "ENUM", options=("a", "b", "c"))])
)
RNG = np.random.default_rng(0)
ROWS = FEATURES.of(FEATURES.space.snap(RNG.random((8, 3))))
GRAM = Gram(FEATURES, ROWS)
Z = RNG.normal(size=(3, 8))
T = np.column_stack([RNG.normal(size=(3, 4)), np.log([0.1, 0.5, 1.0])])
KINDS = np.array([False, True, False])


def test_evidence_is_the_normal_density():
    value, _ = log_evidence(GRAM, Z, T, KINDS)
    for b in range(3):
        k = covariance(KERNELS[int(KINDS[b])], FEATURES.group, T[b, :-1], ROWS, ROWS)
        k += np.exp(T[b, -1]) * np.eye(8)
        assert value[b] == pytest.approx(multivariate_normal(cov=k).logpdf(Z[b]))


def test_gradient():
    _, gradient = log_evidence(GRAM, Z, T, KINDS)
    for k in range(T.shape[1]):
        step = np.zeros(T.shape[1])
        step[k] = 1e-6
        ahead, behind = (log_evidence(GRAM, Z, t, KINDS)[0] for t in (T + step, T - step))
        assert np.allclose(gradient[:, k], (ahead - behind) / 2e-6, rtol=1e-5)


def test_a_matrix_that_cannot_be_factorised_affects_only_itself():
    twice = np.vstack([ROWS, ROWS])
    z = np.hstack([Z, Z])
    t = T.copy()
    t[1, -1] = -800.0
    value, gradient = log_evidence(Gram(FEATURES, twice), z, t, KINDS)
    assert value[1] == -np.inf
    assert np.isfinite(value[[0, 2]]).all()
    assert np.isfinite(gradient[[0, 2]]).all()
