"""The two linear models on costs whose prices are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.predicting import linear
from hwsearch.predicting.linear import MOST_LEVERAGE, NonNegativeModel, PaperModel

PRICES = np.array([2e-9, 0.0, 5e-6])


def networks(count, seed=0):
    rng = np.random.default_rng(seed)
    features = np.exp(rng.normal(size=(count, 3))) * [1e6, 1e3, 1.0]
    return features, features @ PRICES


def test_prices_are_found_again():
    features, costs = networks(20)
    model = NonNegativeModel.fit(features, costs)
    assert model.weights == pytest.approx(PRICES, rel=1e-3, abs=1e-12)
    others, truth = networks(50, seed=1)
    assert model.predict(others) == pytest.approx(truth, rel=1e-3)
    assert PaperModel.fit(features, costs).predict(others) == pytest.approx(truth, rel=1e-6)


def test_small_networks_count_as_much_as_large_ones():
    """One network a million times as expensive as the others does not decide about them."""
    features = np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0], [1e6, 1.0]])
    costs = np.array([2.0, 3.0, 4.0, 1.5e6])
    errors = np.abs(NonNegativeModel.fit(features, costs).predict(features) / costs - 1)
    assert errors.max() < 0.15
    paper = np.abs(PaperModel.fit(features, costs).predict(features) / costs - 1)
    assert paper.max() > 0.2


def test_inexact_profiles_count_less():
    features, costs = networks(20)
    costs[3] *= 2
    errors = np.where(np.arange(20) == 3, 1.0, 0.01)
    known, unknown = (NonNegativeModel.fit(features, costs, given) for given in (errors, None))
    others, truth = networks(50, seed=1)
    assert known.predict(others) == pytest.approx(truth, rel=0.01)
    assert np.abs(unknown.predict(others) / truth - 1).max() > 0.03


@given(st.integers(0, 10_000), st.integers(3, 12))
def test_weights_are_never_negative(seed, count):
    rng = np.random.default_rng(seed)
    features = rng.exponential(size=(count, 5)) * rng.integers(0, 2, 5)
    model = NonNegativeModel.fit(features, rng.exponential(size=count) + 1e-6)
    assert np.all(model.weights >= 0)
    assert np.all(np.isfinite(model.predict(features)))


def test_prices_are_found_where_the_first_method_gives_up(monkeypatch):
    features, costs = networks(20)
    expected = NonNegativeModel.fit(features, costs).weights

    def fails(*_, **__):
        raise RuntimeError("Maximum number of iterations reached.")

    monkeypatch.setattr(linear, "nnls", fails)
    found = NonNegativeModel.fit(features, costs).weights
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-9)
    assert (found >= 0).all()


def test_shares_of_the_features_in_a_cost():
    model = NonNegativeModel(np.array([2.0, 0.0, 1.0]))
    assert model.shares(np.array([1.0, 7.0, 2.0])) == pytest.approx([0.5, 0.0, 0.5])
    assert model.shares(np.zeros(3)) == pytest.approx([0.0, 0.0, 0.0])


def test_a_column_that_never_changes():
    features = np.column_stack([np.arange(1.0, 6.0), np.full(5, 3.0)])
    model = PaperModel.fit(features, 2 * features[:, 0] + 1)
    assert model.predict(features) == pytest.approx(2 * features[:, 0] + 1)


@pytest.mark.parametrize("constant", [0.1, 1 / 48, 1e7 / 3])
def test_a_column_that_never_changes_and_that_rounding_gives_a_spread(constant):
    features = np.column_stack([np.arange(1.0, 31.0), np.full(30, constant)])
    model = PaperModel.fit(features, 2 * features[:, 0] + 1)
    assert model.predict(features) == pytest.approx(2 * features[:, 0] + 1)
    assert abs(model.weights[1] * constant) < 1e-6


def test_predictions_are_wider_for_networks_unlike_the_measured_ones():
    """Two features that are nearly proportional in the fit: a network without one is unlike."""
    rng = np.random.default_rng(0)
    first = np.exp(rng.normal(size=12))
    features = np.column_stack([first, first * np.exp(0.1 * rng.normal(size=12))])
    model = NonNegativeModel.fit(
        features, features.sum(axis=1) * np.exp(0.05 * rng.normal(size=12))
    )
    like, unlike = model.width(features), model.width(np.array([[1.0, 0.0], [7.0, 0.0]]))
    assert 1.0 <= like.min() < like.max() < 1.2
    assert unlike.min() > 1.5
    assert unlike[1] == pytest.approx(unlike[0])  # its size alone does not make it unlike


def test_the_width_is_that_of_least_squares():
    """The spread of errors over repeated measurements, of weights that are far from 0."""
    rng = np.random.default_rng(1)
    features, new = rng.uniform(0.5, 2, (10, 2)), np.array([[1.0, 0.05]])
    truth, errors = np.array([1.0, 1.0]), []
    for _ in range(400):
        costs = features @ truth * (1 + 0.02 * rng.normal(size=10))
        measured = new @ truth * (1 + 0.02 * rng.normal())
        errors.append(NonNegativeModel.fit(features, costs).predict(new) / measured - 1)
    width = NonNegativeModel.fit(features, features @ truth).width(new)[0]
    assert np.std(errors) / 0.02 == pytest.approx(width, rel=0.15)


def test_an_exact_price_adds_no_width():
    assert NonNegativeModel(np.ones(2)).width(np.ones((3, 2))) == pytest.approx(np.ones(3))


def test_a_network_without_priced_work_has_the_largest_width():
    model = NonNegativeModel.fit(np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]), np.arange(1.0, 4))
    width = model.width(np.array([[0.0, 1e300], [0.0, 0.0]]))
    assert width == pytest.approx(np.full(2, np.sqrt(1 + MOST_LEVERAGE)))
