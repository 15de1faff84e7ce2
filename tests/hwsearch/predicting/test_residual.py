"""The Gaussian process on what the linear model leaves."""

from __future__ import annotations

import numpy as np

from hwsearch.predicting.linear import NonNegativeModel
from hwsearch.predicting.residual import ResidualModel
from hwsearch.predicting.selection import rmspe


def networks(count, seed):
    """Costs that depend on the features in a way that no sum of prices gives."""
    rng = np.random.default_rng(seed)
    features = np.exp(rng.normal(size=(count, 2))) * [1e6, 1e4]
    slower = 1 + 0.5 * np.tanh(np.log(features[:, 0] / 1e6))
    return features, (features @ [1e-9, 1e-8]) * slower


def test_it_learns_what_the_linear_model_cannot():
    features, costs = networks(60, 0)
    others, truth = networks(100, 1)
    linear = rmspe(NonNegativeModel.fit(features, costs).predict(others), truth)
    assert rmspe(ResidualModel.fit(features, costs).predict(others), truth) < 0.5 * linear


def test_it_returns_to_the_linear_model_far_from_all_profiles():
    features, costs = networks(40, 0)
    model = ResidualModel.fit(features, costs)
    far = features[:1] * 1e6
    near_spread, far_spread = model.with_spread(features)[1], model.with_spread(far)[1]
    assert far_spread[0] > near_spread.max()
    ratio = model.predict(far) / model.linear.predict(far)
    assert 0.5 < ratio[0] < 2.0


def test_features_that_are_zero_or_never_change():
    features, costs = networks(20, 0)
    features = np.column_stack([features, np.zeros(20), np.full(20, 2.0)])
    model = ResidualModel.fit(features, costs)
    assert model.columns.tolist() == [True, True, False, False]
    assert np.all(np.isfinite(model.predict(0 * features + 1e-9)))
