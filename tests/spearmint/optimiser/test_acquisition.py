"""Acquisition terms against quadrature, Monte Carlo and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import log_ndtr, ndtr
from scipy.stats import norm

from spearmint.config import Variable
from spearmint.optimiser.acquisition import (
    ConstrainedImprovement,
    ObjectiveImprovement,
    log_ei,
    log_h,
    log_less_violation,
    log_mean,
    log_met,
)
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.surrogate import Posterior, Surrogate, exact
from spearmint.optimiser.space import Space


@pytest.mark.parametrize("u", [-8.0, -3.0, -1.001, -0.999, 0.0, 0.7, 5.0])
def test_log_h_against_quadrature(u):
    # φ(u) + u Φ(u) is the integral of Φ up to u.
    expected, _ = quad(ndtr, -40.0, u, epsabs=0.0, epsrel=1e-12, limit=500)
    assert log_h(np.array([u]))[0] == pytest.approx(np.log(expected), abs=1e-9)


def test_log_h_is_finite_and_increases_over_all_scales():
    u = np.concatenate([-np.logspace(150, -3, 4000), np.logspace(-3, 150, 400)])
    value = log_h(u)
    assert np.isfinite(value).all()
    assert (np.diff(value) >= 0).all()


def test_log_h_is_continuous_where_its_formula_changes():
    for u in (-1.0, -1e4):
        below, above = log_h(np.array([u * (1 + 1e-12), u * (1 - 1e-12)]))
        assert above == pytest.approx(below, rel=1e-9)


def test_log_ei_against_monte_carlo():
    rng = np.random.default_rng(0)
    mean, variance, best = 0.3, 0.49, 0.1
    draws = rng.normal(mean, np.sqrt(variance), 1_000_000)
    expected = np.maximum(best - draws, 0).mean()
    value, _, _ = log_ei(np.array([mean]), np.array([variance]), np.array([best]))
    assert np.exp(value[0]) == pytest.approx(expected, rel=0.01)


def test_log_met_is_a_normal_tail():
    value, _, _ = log_met(np.array([2.0]), np.array([4.0]), np.array([1.0]), np.array([0.0]))
    assert value[0] == pytest.approx(norm.logsf(1.0, 2.0, 2.0))


def test_log_met_of_an_outcome_against_quadrature():
    mean, variance = 0.4, 2.0

    def integrand(f):
        return ndtr(f) * norm.pdf(f, mean, np.sqrt(variance))

    value, _, _ = log_met(np.array([mean]), np.array([variance]), np.zeros(1), np.ones(1))
    assert np.exp(value[0]) == pytest.approx(quad(integrand, -20, 20)[0], rel=1e-7)


def test_log_less_violation_of_one_far_constraint_is_its_expected_improvement():
    mean, variance = np.array([[[-9.0]]]), np.array([[[1.0]]])
    value, _, _ = log_less_violation(mean, variance, np.zeros((1, 1, 1)), np.array([8.0]))
    expected, _, _ = log_ei(np.array([9.0]), np.array([1.0]), np.array([8.0]))
    assert value[0, 0] == pytest.approx(expected[0], abs=1e-6)


def test_log_less_violation_has_the_moments_of_monte_carlo():
    rng = np.random.default_rng(0)
    mean = np.array([-0.5, 0.3, -1.0, -0.2])[:, None, None]
    variance = np.array([0.3, 1.0, 0.2, 0.6])[:, None, None]
    draws = rng.normal(mean[:, 0], np.sqrt(variance[:, 0]), (4, 400_000))
    total = np.maximum(-draws, 0).sum(axis=0)
    value, _, _ = log_less_violation(mean, variance, np.zeros((4, 1, 1)), np.array([1.5]))
    expected, _, _ = log_ei(total.mean(keepdims=True), total.var(keepdims=True), np.array([1.5]))
    assert value[0, 0] == pytest.approx(expected[0], abs=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_derivatives_by_mean_and_variance(seed):
    rng = np.random.default_rng(seed)
    mean, variance = rng.normal(size=(3, 4, 2)), np.exp(rng.normal(size=(3, 4, 1)))
    threshold, least = rng.normal(size=(3, 1, 1)), np.array([0.5, 2.0])
    extra = np.array([0.0, 1.0, 0.0])[:, None, None]
    functions = [
        lambda m, v: log_ei(m, v, least),
        lambda m, v: log_met(m, v, threshold, extra),
        lambda m, v: log_less_violation(m, v, threshold, least),
    ]
    for function in functions:
        _, by_mean, by_variance = function(mean, variance)
        for c in range(3):
            step = np.zeros((3, 1, 1))
            step[c] = 1e-6
            slope = (function(mean + step, variance)[0] - function(mean - step, variance)[0]) / 2e-6
            bend = (function(mean, variance + step)[0] - function(mean, variance - step)[0]) / 2e-6
            # log_ei and log_met keep the first axis.
            slope, bend = (d[c] if d.ndim == 3 else d for d in (slope, bend))
            assert np.allclose(by_mean[c], slope, rtol=1e-5, atol=1e-7)
            assert np.allclose(by_variance[c], bend, rtol=1e-5, atol=1e-7)


def test_log_mean():
    values = np.array([[-1000.0, -1001.0], [3.0, 3.0]])
    mean, share = log_mean(values)
    assert mean == pytest.approx([-1000 + np.log((1 + np.exp(-1)) / 2), 3.0])
    assert np.allclose(share.sum(axis=1), 1.0)
    assert log_mean(values[:, :1])[0].tolist() == [-1000.0, 3.0]


def models(samples: int, outcome: bool) -> tuple[Features, Surrogate]:
    rng = np.random.default_rng(1)
    features = Features(Space([Variable("x", "FLOAT", 3, 0.0, 1.0)]))
    rows = rng.random((9, 3))
    theta = np.array([-0.5, 0.2, -1.0, 0.3])
    posteriors = []
    for r, kernel in enumerate(["matern52", "gaussian", "matern52"]):
        values = rng.standard_normal((9, samples))
        posterior = exact(kernel, features.group, theta + 0.1 * r, rows, values, 1e-4, -0.2)
        if outcome and r == 2:
            posterior = Posterior(kernel, theta, rows, posterior.alpha, posterior.root, 0.0, 1.0)
        posteriors.append(posterior)
    return features, Surrogate(features, posteriors)


@pytest.mark.parametrize("weight", [1.0, 4.0])
@pytest.mark.parametrize("outcome", [False, True])
@pytest.mark.parametrize("best", [[0.1, -0.3], [0.1, np.inf], [np.inf, np.inf], None])
def test_gradient_of_the_whole_acquisition(best, outcome, weight):
    _, surrogate = models(2, outcome)
    known = None if best is None else ObjectiveImprovement(np.array(best))
    acquisition = ConstrainedImprovement(surrogate, known, np.array([1.5, 0.7]), weight)
    points = np.random.default_rng(2).random((5, 3))
    value, gradient = acquisition.with_gradient(points)
    assert np.allclose(value, acquisition(points))
    for d in range(3):
        step = np.zeros(3)
        step[d] = 1e-6
        numerical = (acquisition(points + step) - acquisition(points - step)) / 2e-6
        assert np.allclose(gradient[:, d], numerical, rtol=1e-4, atol=1e-6)


def test_without_constraints_it_is_log_ei():
    features, surrogate = models(1, outcome=False)
    rows = np.random.default_rng(3).random((6, 3))
    one = Surrogate(
        features,
        [exact("matern52", features.group, np.zeros(4), rows, rows[:, :1], 1e-6, 0.0)],
    )
    points = np.random.default_rng(4).random((7, 3))
    mean, variance = one.predict(points)
    expected, _, _ = log_ei(mean[0, :, 0], variance[0], np.array([0.4]))
    found = ConstrainedImprovement(one, ObjectiveImprovement(np.array([0.4])), np.array([1.0]))(
        points
    )
    assert np.allclose(found, expected)
    assert surrogate.predict(points)[0].shape == (3, 7, 1)


@pytest.mark.parametrize("weight", [1.0, 4.0])
def test_samples_are_averaged(weight):
    _, surrogate = models(2, outcome=False)
    points = np.random.default_rng(5).random((4, 3))
    mean, variance = surrogate.predict(points)
    gain = ObjectiveImprovement(np.array([0.2, 0.5]))
    found = ConstrainedImprovement(surrogate, gain, np.ones(2), weight)(points)
    ei = np.exp(log_ei(mean[0], variance[0][:, None], np.array([0.2, 0.5]))[0])
    met = np.exp(log_ndtr((mean[1:] + 0.2) / np.sqrt(variance[1:, :, None]))).prod(axis=0)
    assert np.allclose(found, np.log((ei * met**weight).mean(axis=1)))
