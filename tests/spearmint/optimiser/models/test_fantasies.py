"""Samples of uncertain values."""

from __future__ import annotations

import numpy as np
import pytest

from spearmint.config import Task, Variable
from spearmint.optimiser.acquisition import log_met
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.surrogate import Surrogate, exact
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.models.warp import Warp
from spearmint.optimiser.space import Space

FEATURES = Features(Space([Variable("x", "FLOAT", 2, 0.0, 1.0)]))
RNG = np.random.default_rng(0)
ROWS, PENDING, POINTS = RNG.random((8, 2)), RNG.random((3, 2)), RNG.random((4, 2))
THETA = np.array([-0.8, -0.2, 0.4])
Z = RNG.normal(size=8)


def model(noise, outcome=None):
    task = Task("c", False, outcome or "GAUSSIAN")
    values, bend = (np.sign(Z), None) if outcome else (Z, Warp("plain"))
    return TaskModel(task, "matern52", THETA, noise, np.arange(8), ROWS, values, bend, "")


def draw(models, pending, samples, **kwargs):
    return condition(FEATURES, models, pending, samples, np.random.default_rng(1), **kwargs)


def test_nothing_uncertain_is_one_sample():
    surrogate, values = draw([model(1e-9), model(0.0, outcome="STEP")], PENDING[:0], 16)
    assert surrogate.alpha.shape[2] == 1
    assert np.array_equal(values[0][:, 0], Z)
    mean, variance = surrogate.predict(ROWS)
    assert np.allclose(mean[0, :, 0], Z, atol=1e-4)
    assert (variance[0] < 1e-4).all()


@pytest.mark.parametrize("noise", [1e-9, 0.3])
def test_means_and_variances_over_samples_are_the_posteriors(noise):
    # Law of total variance: within samples, and between their means.
    surrogate, values = draw([model(noise)], PENDING, 4000)
    mean, variance = surrogate.predict(POINTS)
    plain = Surrogate(
        FEATURES,
        [exact("matern52", FEATURES.group, THETA, ROWS, Z[:, None], max(noise, 1e-9), 0.0)],
    )
    expected, spread = plain.predict(POINTS)
    assert values[0].shape == (11, 4000)
    assert np.allclose(mean[0].mean(axis=1), expected[0, :, 0], atol=0.02)
    assert np.allclose(variance[0] + mean[0].var(axis=1), spread[0], rtol=0.1, atol=1e-3)


def test_a_pending_point_is_known_in_each_sample():
    surrogate, values = draw([model(1e-9)], PENDING, 8)
    mean, variance = surrogate.predict(PENDING)
    assert np.allclose(mean[0], values[0][8:], atol=1e-3)
    assert (variance[0] < 1e-5).all()
    assert (values[0][8:].std(axis=1) > 0).all()


def test_noise_can_be_kept():
    surrogate, _ = draw([model(0.3)], PENDING[:0], 16, noise_free=False)
    assert surrogate.alpha.shape[2] == 1
    _, variance = surrogate.predict(ROWS)
    assert (variance[0] > 0.01).all()


def probability(surrogate, points):
    mean, variance = surrogate.predict(points)
    return np.exp(log_met(mean[0, :, 0], variance[0], 0.0, surrogate.extra[0])[0])


def test_observed_steps_are_certain_and_binomial_outcomes_are_not():
    yes = Z > 0
    step = probability(draw([model(0.0, "STEP")], PENDING[:0], 1)[0], ROWS)
    assert step[yes].mean() > step[~yes].mean() + 0.2
    coin = probability(draw([model(0.0, "BINOMIAL")], PENDING[:0], 1)[0], ROWS)
    assert np.abs(coin - 0.5).max() < 0.45
    assert np.abs(coin - 0.5).mean() < np.abs(step - 0.5).mean()


@pytest.mark.parametrize("likelihood", ["STEP", "BINOMIAL"])
def test_outcomes_are_the_same_in_all_samples(likelihood):
    surrogate, values = draw([model(0.0, likelihood)], PENDING, 4)
    mean, _ = surrogate.predict(ROWS)
    assert mean[0, Z > 0].mean() > mean[0, Z < 0].mean()
    assert values[0].shape == (11, 4)
    assert np.allclose(mean[0] - mean[0, :, :1], 0.0)
