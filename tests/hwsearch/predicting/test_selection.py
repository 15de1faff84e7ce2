"""The models of one cost, and their predictions of networks that they were not fitted to."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.predicting.linear import PaperModel
from hwsearch.predicting.selection import (
    PAPER,
    PROCESS,
    candidates_of,
    held_out,
    rmspe,
)


def test_root_mean_square_percentage_error():
    assert rmspe(np.array([1.1, 1.8]), np.array([1.0, 2.0])) == pytest.approx(10.0)


def test_predictions_of_networks_that_a_model_has_not_seen():
    """A model that only remembers is found out."""
    features = np.exp(np.random.default_rng(0).normal(size=(12, 3))) * [1e6, 1e5, 10.0]
    costs = features @ [1e-9, 4e-9, 1e-6]

    class Remembers:
        def __init__(self, features, costs, errors):
            self.known = {tuple(row): cost for row, cost in zip(features, costs, strict=True)}

        def predict(self, features):
            return np.array([self.known.get(tuple(row), 1e9) for row in features])

    assert np.all(held_out(Remembers, features, costs).costs == 1e9)
    assert held_out(PaperModel.fit, features, costs).costs == pytest.approx(costs, rel=1e-6)


def test_few_networks_do_not_determine_models_with_many_weights():
    features = np.random.default_rng(0).random((16, 3))
    assert PROCESS in candidates_of(features)
    assert PROCESS not in candidates_of(features[:15])
    # Three weights and an intercept; a column that never changes has none.
    assert PAPER in candidates_of(features[:12])
    assert PAPER not in candidates_of(features[:11])
    assert PAPER in candidates_of(np.hstack([features[:12], np.ones((12, 1))]))
