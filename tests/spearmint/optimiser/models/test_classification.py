"""Laplace's approximation: mode, evidence, gradient."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import norm

from spearmint.config import Variable
from spearmint.optimiser.models.classification import likelihood, log_evidence, mode
from spearmint.optimiser.models.kernel import Features, Gram
from spearmint.optimiser.models.surrogate import covariance
from spearmint.optimiser.space import Space

FEATURES = Features(Space([Variable("x", "FLOAT", 2, 0.0, 1.0)]))
ROWS = np.random.default_rng(0).random((12, 2))
LABELS = np.where(ROWS[:, 0] > 0.5, 1.0, -1.0)
GRAM = Gram(FEATURES, ROWS)
T = np.array([-0.7, 0.3, 0.8])


def test_derivatives_of_the_likelihood():
    f = np.linspace(-6, 6, 25)
    labels = np.where(np.arange(25) % 2, 1.0, -1.0)
    _, first, second, third = likelihood(f, labels)
    ahead, behind = likelihood(f + 1e-5, labels), likelihood(f - 1e-5, labels)
    assert np.allclose(first, (ahead[0] - behind[0]) / 2e-5, atol=1e-8)
    assert np.allclose(-second, (ahead[1] - behind[1]) / 2e-5, atol=1e-8)
    assert np.allclose(third, -(ahead[2] - behind[2]) / 2e-5, atol=1e-7)


def test_mode_is_stationary():
    k = covariance("matern52", FEATURES.group, T, ROWS, ROWS)
    found = mode(k, LABELS)
    assert np.allclose(found.latent, k @ likelihood(found.latent, LABELS)[1], atol=1e-5)
    assert np.allclose(found.latent, k @ found.alpha)


def test_mode_with_huge_amplitude_and_all_labels_alike():
    k = 1e3 * covariance("matern52", FEATURES.group, T, ROWS, ROWS)
    for labels in (LABELS, np.ones(12)):
        found = mode(k, labels)
        assert np.isfinite(found.value)
        assert (found.latent * labels > 0).all()


def test_evidence_of_one_outcome_is_near_quadrature():
    one = Gram(FEATURES, ROWS[:1])
    value, _ = log_evidence(one, np.ones(1), T)
    deviation = np.sqrt(np.exp(T[-1]) + 1.0)
    exact, _ = quad(lambda f: ndtr(f) * norm.pdf(f, 0, deviation), -30, 30)
    assert exact == pytest.approx(0.5)
    assert value == pytest.approx(np.log(exact), abs=0.1)


@pytest.mark.parametrize("labels", [LABELS, np.ones(12)])
def test_gradient(labels):
    _, gradient = log_evidence(GRAM, labels, T)
    for k in range(3):
        step = np.zeros(3)
        step[k] = 1e-4
        ahead, behind = (log_evidence(GRAM, labels, t)[0] for t in (T + step, T - step))
        assert gradient[k] == pytest.approx((ahead - behind) / 2e-4, abs=1e-6)
