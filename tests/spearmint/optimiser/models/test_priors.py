"""Priors: derivatives, modes, how they scale."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import lognorm, norm

from spearmint.optimiser.models import priors


def test_penalty_is_the_log_normal_density():
    prior = priors.length_scales(9)
    scale = np.array([0.1, 1.0, 7.0])
    density = lognorm.logpdf(scale, prior.deviation, scale=np.exp(prior.mean))
    t = np.zeros((3, 10))
    t[:, 4] = np.log(scale)
    assert np.allclose(np.diff(-priors.penalty(9, t)[0]), np.diff(density))


@pytest.mark.parametrize(("column", "prior"), [(2, priors.AMPLITUDE), (3, priors.NOISE)])
def test_amplitude_and_noise_have_the_density_of_their_logarithm(column, prior):
    t = np.zeros((3, 4))
    t[:, column] = [-9.0, 0.0, 2.0]
    density = norm.logpdf(t[:, column], prior.mean, prior.deviation)
    assert np.allclose(np.diff(-priors.penalty(2, t)[0]), np.diff(density))


def test_length_scales_grow_with_the_root_of_the_dimension():
    small, large = priors.length_scales(4), priors.length_scales(16)
    assert np.exp(large.mean) == pytest.approx(2 * np.exp(small.mean))
    mode = lognorm.pdf(
        np.exp(large.start) * np.array([0.99, 1.0, 1.01]), large.deviation, scale=np.exp(large.mean)
    )
    assert mode.argmax() == 1


@pytest.mark.parametrize("columns", [4, 5])
def test_gradient(columns):
    t = np.random.default_rng(0).normal(size=(2, columns))
    value, slope = priors.penalty(3, t)
    for k in range(columns):
        step = np.zeros(columns)
        step[k] = 1e-6
        numerical = (priors.penalty(3, t + step)[0] - priors.penalty(3, t - step)[0]) / 2e-6
        assert np.allclose(slope[:, k], numerical)
    assert value.shape == (2,)


def test_the_starts_are_inside_the_box():
    for groups in (1, 15, 100):
        low, high = priors.box(groups, priors.NOISE_BOUNDS)
        for noisy in (False, True):
            starts = priors.starts(groups, noisy)
            assert starts.shape == (1 + noisy, groups + 2)
            assert ((low < starts) & (starts < high)).all()
        smooth = priors.polynomial(groups)
        assert smooth.shape == (groups + 2,)
        assert ((low < smooth) & (smooth < high)).all()
    assert priors.box(3, ())[0].shape == (4,)
