"""Features, and the covariance with its derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gamma, kv

from spearmint.config import Variable
from spearmint.optimiser.models.kernel import KERNELS, MEAN_VARIANCE, Features, Gram, kappa
from spearmint.optimiser.space import Space

MIXED = Space(
    [
        Variable("x", "FLOAT", 2, 0.0, 1.0),
        Variable("n", "INT", 1, 0, 4),
        Variable("act", "ENUM", options=("relu", "elu", "tanh")),
        Variable("batch", "ENUM", options=(64, 16, 32)),
    ]
)


def test_matern_against_its_bessel_form():
    r = np.linspace(0.01, 5.0, 50)
    s = np.sqrt(5.0) * r
    expected = 2 ** (1 - 2.5) / gamma(2.5) * s**2.5 * kv(2.5, s)
    assert np.allclose(kappa("matern52", r**2)[0], expected)


@pytest.mark.parametrize("kernel", KERNELS)
def test_kappa_is_one_at_zero_and_its_slope_is_right(kernel):
    squared = np.concatenate([[1e-4], np.linspace(0.01, 9.0, 40)])
    value, slope = kappa(kernel, squared)
    ahead, behind = kappa(kernel, squared + 1e-6)[0], kappa(kernel, squared - 1e-6)[0]
    assert np.allclose(slope, (ahead - behind) / 2e-6, rtol=1e-5)
    assert kappa(kernel, np.zeros(1))[0][0] == 1.0
    assert (np.diff(value) < 0).all()


def test_features_of_mixed_points():
    features = Features(MIXED)
    rows = features.of(np.array([[0.1, 0.2, 0.25, 1.0, 0.0], [0.1, 0.7, 0.5, 2.0, 1.0]]))
    # x, x, n, act, batch's options, batch's order
    assert features.groups == 6
    assert features.first.tolist() == [0, 1, 2, 3, 6]
    distances = features.distances(rows, (np.array([0]), np.array([1])))[0]
    # 64 is the largest of three, 16 the smallest.
    assert np.allclose(distances, [0.0, 0.25, 0.0625, 1.0, 1.0, 1.0])


def test_options_that_are_not_numbers_have_no_order():
    for options in (["a", "b", "c"], [True, False], [1, 2], [1, 2, "3"]):
        assert Features(Space([Variable("e", "ENUM", options=tuple(options))])).groups == 1


def gram(rng):
    features = Features(MIXED)
    return features, features.of(MIXED.snap(rng.random((6, 5))))


@pytest.mark.parametrize("gaussian", [False, True])
def test_matrix_and_its_derivatives(gaussian):
    rng = np.random.default_rng(0)
    features, rows = gram(rng)
    g = Gram(features, rows)
    theta = rng.normal(size=(1, features.groups + 1))
    m = rng.normal(size=(6, 6))
    m += m.T

    def total(t):
        upper = np.triu(g.upper(t, np.array([0.1]), np.array([gaussian])).matrix(0))
        return np.sum(m * (upper + np.triu(upper, 1).T))

    values = g.upper(theta, np.array([0.1]), np.array([gaussian]))
    expected = MEAN_VARIANCE + np.exp(theta[0, -1]) + 0.1
    assert np.allclose(np.diag(values.matrix(0)), expected)
    found = values.contract(m[g.pairs][None], np.diag(m)[None])[0]
    for k in range(features.groups + 1):
        step = np.zeros_like(theta)
        step[0, k] = 1e-6
        assert found[k] == pytest.approx(
            (total(theta + step) - total(theta - step)) / 2e-6, rel=1e-6
        )


def test_several_sets_of_hyper_parameters_are_as_each_alone():
    rng = np.random.default_rng(1)
    features, rows = gram(rng)
    g = Gram(features, rows)
    theta, noise = rng.normal(size=(4, features.groups + 1)), rng.random(4)
    kinds = np.array([False, True, True, False])
    together = g.upper(theta, noise, kinds)
    for b in range(4):
        alone = g.upper(theta[[b]], noise[[b]], kinds[[b]])
        assert np.allclose(together.matrix(b), alone.matrix(0))
