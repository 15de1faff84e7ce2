"""Stacked posteriors against the formulas of the textbook."""

from __future__ import annotations

import numpy as np
import pytest

from spearmint.config import Variable
from spearmint.optimiser.models.kernel import MEAN_VARIANCE, Features
from spearmint.optimiser.models.surrogate import Posterior, Surrogate, covariance, exact
from spearmint.optimiser.space import Space

FEATURES = Features(
    Space([Variable("x", "FLOAT", 2, 0.0, 1.0), Variable("e", "ENUM", options=("a", "b", "c"))])
)
RNG = np.random.default_rng(0)
THETA = np.array([-0.7, 0.1, 0.4, 0.3])


def some(n):
    return FEATURES.of(FEATURES.space.snap(RNG.random((n, 3))))


def test_mean_and_variance_follow_the_textbook():
    rows, points, values = some(7), some(5), RNG.normal(size=(7, 2))
    posterior = exact("matern52", FEATURES.group, THETA, rows, values, 0.01, 0.0)
    mean, variance = Surrogate(FEATURES, [posterior]).predict(points)
    k = covariance("matern52", FEATURES.group, THETA, rows, rows) + 0.01 * np.eye(7)
    cross = covariance("matern52", FEATURES.group, THETA, points, rows)
    assert np.allclose(mean[0], cross @ np.linalg.solve(k, values))
    prior = np.exp(THETA[-1]) + MEAN_VARIANCE
    reduced = prior - np.einsum("ij,ji->i", cross, np.linalg.solve(k, cross.T))
    assert np.allclose(variance[0], reduced)


def test_models_of_different_sizes_and_kernels_keep_their_places():
    points = some(4)
    kinds = ["gaussian", "matern52", "gaussian", "matern52"]
    posteriors = [
        exact(
            kind,
            FEATURES.group,
            THETA + 0.1 * r,
            some(3 + 2 * r),
            RNG.normal(size=(3 + 2 * r, 1)),
            0.1,
            r,
        )
        for r, kind in enumerate(kinds)
    ]
    mean, variance = Surrogate(FEATURES, posteriors).predict(points)
    assert Surrogate(FEATURES, posteriors).threshold.tolist() == [0, 1, 2, 3]
    for r, posterior in enumerate(posteriors):
        alone = Surrogate(FEATURES, [posterior]).predict(points)
        assert np.allclose(mean[r], alone[0][0])
        assert np.allclose(variance[r], alone[1][0])


def test_noise_free_data_are_interpolated_exactly():
    rows, values = some(6), RNG.normal(size=(6, 1))
    mean, variance = Surrogate(
        FEATURES, [exact("gaussian", FEATURES.group, THETA, rows, values, 1e-10, 0.0)]
    ).predict(rows)
    assert np.allclose(mean[0], values, atol=1e-4)
    assert (variance >= 0).all()
    assert (variance < 1e-6).all()


def test_backward_is_the_derivative():
    posteriors = [
        exact(kind, FEATURES.group, THETA, some(n), RNG.normal(size=(n, 2)), 0.1, 0.0)
        for kind, n in (("gaussian", 5), ("matern52", 8))
    ]
    outcome = exact("matern52", FEATURES.group, THETA, some(4), RNG.normal(size=(4, 2)), 0.1, 0.0)
    posteriors.append(
        Posterior("matern52", THETA, outcome.rows, outcome.alpha, 0.7 * outcome.root, 0.0, 1.0)
    )
    surrogate = Surrogate(FEATURES, posteriors)
    points = some(3)
    by_mean, by_variance = RNG.normal(size=(3, 3, 2)), RNG.normal(size=(3, 3))

    def total(at):
        mean, variance = surrogate.predict(at)
        return np.sum(by_mean * mean, axis=(0, 2)) + np.sum(by_variance * variance, axis=0)

    _, _, backward = surrogate.with_gradient(points)
    found = backward(by_mean, by_variance)
    for f in range(points.shape[1]):
        step = np.zeros(points.shape[1])
        step[f] = 1e-6
        numerical = (total(points + step) - total(points - step)) / 2e-6
        assert found[:, f] == pytest.approx(numerical, rel=1e-5, abs=1e-8)
