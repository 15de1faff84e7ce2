"""The choice among models of one cost."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.predicting.linear import PaperModel
from hwsearch.predicting.selection import (
    ADVANTAGE,
    CONSTANT,
    GOOD_ERROR,
    LOG_LINEAR,
    NON_NEGATIVE,
    PAPER,
    PROCESS,
    best_of,
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


def test_a_more_complex_model_has_to_be_clearly_better():
    errors = {CONSTANT: 10.0, NON_NEGATIVE: 10.0 * ADVANTAGE + 0.01, PAPER: np.nan}
    assert best_of(errors, errors) == CONSTANT
    errors[NON_NEGATIVE] = 5.0
    assert best_of(errors, errors) == NON_NEGATIVE
    errors[PROCESS] = 4.9
    assert best_of(errors, errors) == NON_NEGATIVE
    errors[PROCESS] = 4.8
    assert best_of(errors, errors) == PROCESS


def test_a_product_of_powers_is_chosen_only_if_no_simpler_model_is_good():
    errors = {CONSTANT: 60.0, NON_NEGATIVE: 30.0, LOG_LINEAR: 20.0}
    assert best_of(errors, {CONSTANT: 40.0, NON_NEGATIVE: GOOD_ERROR + 0.1}) == LOG_LINEAR
    # One profile is far off; the others are predicted well.
    assert best_of(errors, {CONSTANT: 40.0, NON_NEGATIVE: GOOD_ERROR - 0.1}) == NON_NEGATIVE
