"""The model chosen by cross-validation, and intervals that hold what they promise."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsearch.predicting.predictor import Predictor
from hwsearch.predicting.selection import MODELS, rmspe

PRICES = np.array([1e-9, 4e-9, 1e-6])


def networks(count, seed, noise=0.05):
    rng = np.random.default_rng(seed)
    features = np.exp(rng.normal(size=(count, 3))) * [1e6, 1e5, 10.0]
    return features, (features @ PRICES) * np.exp(noise * rng.normal(size=count))


def test_a_linear_cost_is_predicted_as_well_as_it_repeats():
    features, costs = networks(20, 0)
    predictor = Predictor.fit(features, costs)
    others, truth = networks(300, 1)
    assert predictor.name == "non-negative"
    assert rmspe(predictor.predict(others)[0], truth) < 1.3 * 5.0
    assert predictor.validation["non-negative"] < 0.5 * predictor.validation["constant"]
    assert predictor.profiles == 20


def test_a_cost_that_does_not_vary_is_a_constant():
    features, _ = networks(30, 0)
    costs = 55.0 * np.exp(0.01 * np.random.default_rng(1).normal(size=30))
    predictor = Predictor.fit(features, costs)
    assert predictor.name == "constant"
    assert predictor.predict(features)[0] == pytest.approx(np.full(30, 55.0), rel=0.02)


def test_few_profiles_leave_the_residuals_alone():
    features, costs = networks(10, 0)
    assert "non-negative + Gaussian process" not in Predictor.fit(features, costs).validation


def test_weights_of_any_sign_need_more_profiles_than_there_are_weights():
    for count, is_tried in ((11, False), (12, True)):
        features, costs = networks(count, 0)
        features = np.column_stack([features, np.zeros(count)])  # has no weight
        assert ("paper" in Predictor.fit(features, costs).validation) == is_tried


@pytest.mark.parametrize(("count", "tries"), [(6, 60), (10, 60), (40, 4)])
def test_intervals_cover_what_they_promise(count, tries):
    covered = []
    for seed in range(tries):
        features, costs = networks(count, seed, noise=0.1)
        others, truth = networks(200, 1000 + seed, noise=0.1)
        low, high = Predictor.fit(features, costs).interval(others, 0.9)
        covered.append(np.mean((low <= truth) & (truth <= high)))
    assert 0.82 < np.mean(covered) < 0.98


def test_the_spread_is_at_least_the_profiles_own_error():
    features, costs = networks(20, 0, noise=0.0)
    stated = np.full(20, 0.08)
    assert Predictor.fit(features, costs, stated).predict(features)[1].min() >= 0.08


@pytest.mark.parametrize(
    ("features", "costs", "text"),
    [
        (np.ones((4, 2)), np.ones(3), r"got shapes \(4, 2\) and \(3,\)"),
        (np.ones((2, 2)), np.ones(2), "three networks or more"),
        (np.ones((3, 2)), np.array([1.0, 0.0, 2.0]), "costs: got 0 for network 1; expected"),
        (-np.ones((3, 2)), np.ones(3), "got -1 for network 0, feature 0 and 5 more; expected"),
    ],
)
def test_data_that_cannot_be_fitted(features, costs, text):
    with pytest.raises(ValueError, match=text):
        Predictor.fit(features, costs)


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(3, 24),
    columns=st.integers(1, 6),
    decades=st.floats(0, 6),
    different=st.integers(1, 24),
)
@settings(max_examples=30, deadline=None)
def test_any_table_gives_predictions_above_0(seed, count, columns, decades, different):
    """Costs over six decades, work that is not done, columns that never change, equal networks."""
    rng = np.random.default_rng(seed)
    features = 10 ** rng.uniform(0, 9, (count, columns)) * rng.integers(0, 2, (count, columns))
    features[:, rng.random(columns) < 0.2] = rng.integers(0, 2)
    features = features[rng.integers(0, different, count) % count]
    costs = 10 ** (rng.uniform(-9, 3) + rng.uniform(0, decades, count))
    predictor = Predictor.fit(features, costs, rng.choice([np.nan, 0.0, 0.05, 2.0], count))
    new = np.vstack([features, np.zeros((1, columns)), 1e3 * features])
    predicted, spread = predictor.predict(new)
    low, high = predictor.interval(new)
    assert np.all(np.isfinite(predicted) & np.isfinite(spread) & (spread >= 0))
    assert np.all((low > 0) & (low <= predicted) & (predicted <= high))
    again = Predictor.from_json(predictor.to_json(), features, costs)
    assert again.name == predictor.name


def test_equal_networks_are_held_out_together():
    """Each network is there twice: a model that only remembers gains nothing by that."""
    features, costs = networks(10, 0, noise=0.5)
    twice = Predictor.fit(np.repeat(features, 2, axis=0), np.repeat(costs, 2))
    once = Predictor.fit(features, costs)
    assert twice.validation["non-negative"] == pytest.approx(once.validation["non-negative"])


def test_many_networks_take_little_time():
    features, costs = networks(1000, 0)
    start = time.process_time()
    predictor = Predictor.fit(features, costs * np.exp(0.3 * np.tanh(np.log(features[:, 0]) - 14)))
    assert time.process_time() - start < 60  # 2 s on an idle core
    others, truth = networks(200, 1)
    truth *= np.exp(0.3 * np.tanh(np.log(others[:, 0]) - 14))
    assert predictor.name == "non-negative + Gaussian process"
    assert rmspe(predictor.predict(others)[0], truth) < 1.3 * 5.0


@pytest.mark.parametrize("features", [np.ones((2, 4)), np.ones(3), -np.ones((2, 3))])
def test_features_unlike_those_of_the_fit(features):
    predictor = Predictor.fit(*networks(5, 0))
    with pytest.raises(ValueError, match="features: got "):
        predictor.predict(features)


def test_a_level_is_a_probability():
    features, costs = networks(5, 0)
    with pytest.raises(ValueError, match="level: got 90; expected a number between 0 and 1"):
        Predictor.fit(features, costs).interval(features, 90)


def test_an_interval_of_inexact_profiles_has_the_level_that_is_asked_for():
    """Standard errors of 5 %, which are all of the noise."""
    inside = []
    for seed in range(5):
        features, costs = networks(40, seed)
        predictor = Predictor.fit(features, costs, np.full(40, 0.05))
        others, truth = networks(300, 100 + seed)
        low, high = predictor.interval(others, 0.5)
        inside.append(np.mean((low <= truth) & (truth <= high)))
    assert 0.4 < np.mean(inside) < 0.7


def test_the_simplest_model_comes_first():
    assert next(iter(MODELS)) == "constant"


def test_extreme_profiles_do_not_widen_the_interval_of_a_usual_network():
    """Profiles with mostly one kind of work: each is unlike the others, a mixture is like all."""
    rng = np.random.default_rng(0)
    features = np.vstack([np.full((6, 6), 0.03) + np.eye(6)] * 2) * np.exp(rng.normal(size=(12, 1)))
    costs = features.sum(axis=1) * np.exp(0.05 * rng.normal(size=12))
    predictor = Predictor.fit(features, costs)
    low, high = predictor.interval(np.vstack([features.mean(axis=0), features[0]]))
    assert predictor.name == "non-negative"
    assert np.log(high / low)[0] < 0.9 * np.log(high / low)[1]


def test_a_fixed_cost_is_added_if_no_feature_stands_for_it():
    features, costs = networks(12, 0, noise=0.01)
    others, truth = networks(200, 1, noise=0.0)
    overhead = 3.0 * costs.mean()
    without = Predictor.fit(features, costs + overhead)
    assert rmspe(without.predict(others)[0], truth + overhead) < 2
    ones = np.ones((12, 1))
    given = Predictor.fit(np.column_stack([features, 7 * ones]), costs + overhead)
    assert without.prices == pytest.approx(given.prices[:3])
    share = given.shares(np.append(features[0], 7.0))
    assert without.shares(features[0]) == pytest.approx(share[:3])
    assert share[:3].sum() < 0.9
    again = Predictor.from_json(without.to_json(), features, costs + overhead)
    assert again.interval(others)[1] == pytest.approx(without.interval(others)[1])


def test_the_error_for_typical_networks_is_estimated_from_extreme_profiles():
    """Profiles with mostly one kind of work each, from which mixtures are predicted well."""
    estimates, cross_validation, errors = [], [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        mixed = rng.dirichlet(np.ones(6), 300) * np.exp(rng.normal(size=(300, 1)))
        extreme = np.vstack([np.full((6, 6), 0.03) + np.eye(6)] * 2)
        extreme *= np.exp(rng.normal(size=(12, 1)))
        truth = mixed.sum(axis=1) * np.exp(0.05 * rng.normal(size=300))
        costs = extreme.sum(axis=1) * np.exp(0.05 * rng.normal(size=12))
        predictor = Predictor.fit(extreme, costs)
        estimates.append(predictor.expected_error(mixed))
        cross_validation.append(predictor.error)
        errors.append(rmspe(predictor.predict(mixed)[0], truth))
    assert np.mean(cross_validation) > 1.2 * np.mean(errors)
    assert 0.85 < np.mean(estimates) / np.mean(errors) < 1.15


def test_for_networks_like_the_profiles_the_estimate_is_about_that_of_cross_validation():
    ratios = []
    for seed in range(12):
        predictor = Predictor.fit(*networks(20, seed))
        ratios.append(predictor.expected_error(networks(300, 100 + seed)[0]) / predictor.error)
    assert 0.85 < np.exp(np.mean(np.log(ratios))) < 1.15


def test_one_profile_from_a_busy_machine_does_not_widen_all_intervals():
    features, costs = networks(12, 0)
    costs[5] *= 3
    stated = np.full(12, 0.02)
    unknown = Predictor.fit(features, costs, stated).interval(features)
    stated[5] = 0.7
    known = Predictor.fit(features, costs, stated).interval(features)
    assert np.log(known[1] / known[0]).max() < 0.5 * np.log(unknown[1] / unknown[0]).min()
