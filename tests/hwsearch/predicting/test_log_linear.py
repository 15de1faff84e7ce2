"""Products of powers."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.predicting.log_linear import LogLinearModel
from hwsearch.predicting.predictor import Predictor
from hwsearch.predicting.selection import LOG_LINEAR, AverageModel, rmspe


def watts(count, seed):
    """Power that saturates with the amount of work."""
    features = np.exp(np.random.default_rng(seed).normal(size=(count, 2))) * [1e9, 1e6]
    return features, 40.0 * (features[:, 0] / 1e9) ** 0.5 * (features[:, 1] / 1e6) ** -0.3


def test_powers_are_found():
    features, costs = watts(30, 0)
    others, truth = watts(100, 1)
    model = LogLinearModel.fit(features, costs)
    assert rmspe(model.predict(others), truth) < 1
    assert model.weights / model.spread == pytest.approx([0.5, -0.3], abs=0.01)


def test_it_has_most_of_the_weight_for_a_cost_that_is_no_sum():
    features, costs = watts(12, 0)
    predictor = Predictor.fit(features, costs)
    assert isinstance(predictor.model, AverageModel)
    assert predictor.model.share > 0.95
    assert predictor.prices is None  # no kind of work has a price
    assert LOG_LINEAR not in Predictor.fit(features[:9], costs[:9]).validation


def test_equal_networks_are_predicted_as_their_mean():
    model = LogLinearModel.fit(np.ones((3, 2)), np.array([1.0, 2.0, 4.0]))
    assert model.predict(np.array([[0.0, 1e300]])) == pytest.approx([2.0])


def test_predictions_are_bounded():
    features, costs = watts(12, 0)
    huge = LogLinearModel.fit(features, costs).predict(np.array([[1e300, 0.0]]))
    assert huge[0] <= 1.001e3 * costs.max()
