"""Functions drawn from the posterior: as many of them as are needed have its mean and variance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spearmint.analysis.draws import Draws
from spearmint.analysis.fitted import Fitted
from spearmint.optimiser.candidates import design
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.kernel import KERNELS
from tests.spearmint.analysis.searches import finished, problem


@pytest.mark.parametrize("kernel", KERNELS)
def test_mean_and_variance(kernel):
    fitted = Fitted.of(problem(), finished(12), {})
    model = replace(fitted.models[0], kernel=kernel, noise=0.05)
    rng = np.random.default_rng(0)
    rows = fitted.features.of(design(fitted.space, 24, 7))
    surrogate, _ = condition(fitted.features, [model], rows[:0], 1, rng, noise_free=False)
    mean, variance = surrogate.predict(rows)
    drawn = np.hstack([Draws(fitted.features, model, 100, rng)(rows) for _ in range(10)])
    deviation = np.sqrt(variance[0])
    assert np.max(np.abs(drawn.mean(axis=1) - mean[0, :, 0]) / deviation) < 0.25
    np.testing.assert_allclose(drawn.std(axis=1), deviation, rtol=0.25)


def test_functions_without_noise_go_through_the_data():
    fitted = Fitted.of(problem(), finished(12), {})
    model = replace(fitted.models[0], noise=0.0)
    drawn = Draws(fitted.features, model, 5, np.random.default_rng(0))(model.rows)
    np.testing.assert_allclose(drawn, np.repeat(model.z[:, None], 5, axis=1), atol=0.05)
