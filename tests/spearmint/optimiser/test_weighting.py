"""The acquisition functions of HW-CWEI and HW-IECI."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from spearmint.choosers import create
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.optimiser.candidates import design
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.weighting import LOWEST

CONFIG = {
    "variables": {"x": {"type": "FLOAT", "size": 2, "min": 0, "max": 1}},
    "tasks": {"error": {"type": "OBJECTIVE"}, "room": {"type": "CONSTRAINT"}},
}


def jobs_of(bound):
    rng = np.random.default_rng(3)
    points, noise = rng.random((14, 2)), 0.15 * rng.standard_normal((14, 2))
    return [
        {
            "id": number,
            "params": {"x": {"values": [a, b]}},
            "status": "complete",
            "values": {"error": (a - 0.7) ** 2 + b + noisy, "room": bound - a + noisier},
        }
        for number, ((a, b), (noisy, noisier)) in enumerate(
            zip(points.tolist(), noise.tolist(), strict=True), start=1
        )
    ]


def fitted(name, jobs):
    """The acquisition function, the features of 200 points, and the posterior there."""
    chooser = create(CONFIG | {"chooser": name}, 1)
    assert isinstance(chooser, DefaultChooser)
    known = chooser.observe(jobs)
    models = chooser.fits.models(chooser.features, known)
    rng = np.random.default_rng(5)
    acquisition = chooser._acquisition(known, models, rng)
    nothing = chooser.features.of(known.pending[:0])
    surrogate, _ = condition(chooser.features, models, nothing, 1, rng, noise_free=False)
    rows = chooser.features.of(design(chooser.space, 200, 7))
    mean, variance = surrogate.predict(rows)
    best = min(model.z[known.feasible].min(initial=np.inf) for model in models[:1])
    return acquisition, rows, mean[:, :, 0], variance, models, best


def expected(mean, variance, best):
    """Expected improvement by its textbook formula."""
    deviation = np.sqrt(variance)
    u = (best - mean) / deviation
    return deviation * (norm.pdf(u) + u * norm.cdf(u))


def test_cwei_is_the_product_of_improvement_and_probability():
    acquisition, rows, mean, variance, models, best = fitted("hw_cwei", jobs_of(0.4))
    met = norm.cdf((mean[1] - models[1].threshold) / np.sqrt(variance[1]))
    product = expected(mean[0], variance[0], best) * met
    clear = product > 1e-12
    assert clear.sum() > 20
    assert np.exp(acquisition(rows))[clear] == pytest.approx(product[clear], rel=1e-4)


def test_ieci_is_the_improvement_where_the_mean_meets_the_constraint_and_nothing_elsewhere():
    acquisition, rows, mean, variance, models, best = fitted("hw_ieci", jobs_of(0.4))
    value = acquisition(rows)
    inside = mean[1] >= models[1].threshold
    assert 20 < inside.sum() < 180
    improvement = expected(mean[0], variance[0], best)
    clear = inside & (improvement > 1e-12)
    assert np.exp(value)[clear] == pytest.approx(improvement[clear], rel=1e-4)
    assert value[inside].min() >= LOWEST
    assert value[~inside].max() < LOWEST
    # Outside, a smaller predicted violation is better.
    assert np.array_equal(np.argsort(value[~inside]), np.argsort(mean[1][~inside]))


@pytest.mark.parametrize("name", ["hw_cwei", "hw_ieci"])
def test_without_a_feasible_point_it_is_the_probability(name):
    acquisition, rows, mean, variance, models, _ = fitted(name, jobs_of(-0.5))
    met = norm.logcdf((mean[1] - models[1].threshold) / np.sqrt(variance[1]))
    assert acquisition(rows) == pytest.approx(met, rel=1e-6)


@pytest.mark.parametrize("name", ["hw_cwei", "hw_ieci"])
@pytest.mark.parametrize("pending", [0, 2])
@pytest.mark.parametrize("bound", [0.4, -0.5])
def test_gradients(name, pending, bound):
    jobs = jobs_of(bound)
    for job in jobs[:pending]:
        job |= {"status": "pending", "values": None}
    acquisition, rows, *_ = fitted(name, jobs)
    value, gradient = acquisition.with_gradient(rows)
    assert np.array_equal(value, acquisition(rows))
    step = 1e-5
    for axis in range(2):
        shift = step * np.eye(2)[axis]
        up, down = acquisition(rows + shift), acquisition(rows - shift)
        slope = (up - down) / (2 * step)
        # Not where the indicator changes between the two.
        smooth = np.abs(up - down) < 1e3
        assert smooth.sum() > 190
        scale = np.maximum(np.abs(slope[smooth]), 1.0)
        assert np.max(np.abs(gradient[smooth, axis] - slope[smooth]) / scale) < 1e-2
