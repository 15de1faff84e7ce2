"""Costs of other templates' networks as a prior."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.predicting.predictor import Predictor
from hwsearch.predicting.selection import OTHERS, rmspe
from hwsearch.predicting.transfer import Others, spread_of

PRICES = np.array([1e-9, 4e-9, 1e-6, 2e-8, 5e-9])


def networks(count, seed, scale=1.0, prices=PRICES):
    rng = np.random.default_rng(seed)
    features = np.exp(rng.normal(size=(count, 5))) * [1e6, 1e5, 10.0, 1e4, 1e5] * scale
    return features, (features @ prices) * np.exp(0.03 * rng.normal(size=count))


def others(scale=0.2, level=1.0, prices=PRICES):
    features, costs = networks(30, 99, scale, prices)
    return Others(features, level * costs)


def test_without_own_networks_the_prices_of_others_hold():
    features, costs = networks(50, 1)
    predictor = Predictor.fit(features[:0], costs[:0], None, others())
    assert (predictor.name, predictor.profiles) == (OTHERS, 0)
    assert np.isnan(predictor.error)
    assert rmspe(predictor.predict(features)[0], costs) < 8.0
    low, high = predictor.interval(features)
    assert np.all(high > 4 * low)  # nothing has shown yet that they hold here


@pytest.mark.parametrize("count", [1, 2])
def test_own_networks_correct_the_level(count):
    """All own networks cost twice as much as the prices of others say."""
    features, costs = networks(50, 1)
    prior = others(level=0.5)
    errors = [
        rmspe(Predictor.fit(features[:n], costs[:n], None, prior).predict(features)[0], costs)
        for n in (0, count)
    ]
    assert errors[0] > 45
    assert errors[1] < 20


def test_few_own_networks_profit_from_others():
    features, costs = networks(200, 1)
    alone, helped, names = [], [], []
    for seed in range(10):
        known = np.random.default_rng(seed).permutation(200)[:5]
        own, both = (
            Predictor.fit(features[known], costs[known], None, prior) for prior in (None, others())
        )
        alone.append(rmspe(own.predict(features)[0], costs))
        helped.append(rmspe(both.predict(features)[0], costs))
        names.append(both.name)
    assert np.mean(helped) < 0.5 * np.mean(alone)
    assert names.count(OTHERS) >= 8


def test_others_whose_prices_do_not_hold_are_left_aside():
    features, costs = networks(17, 1)
    predictor = Predictor.fit(features, costs, None, others(prices=PRICES[::-1]))
    assert predictor.name == "non-negative"
    assert predictor.validation[OTHERS] > predictor.error


def test_many_own_networks_are_not_outweighed():
    """A thousand networks at a tenth of the cost."""
    features, costs = networks(30, 1)
    many, cheap = networks(1000, 2)
    model = Others(many, 0.1 * cheap).fit(features, costs)
    assert rmspe(model.predict(features), costs) < 8.0


def test_the_level_gets_known_with_own_networks():
    spreads = [spread_of(n) for n in (0, 1, 2, 10)]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[0] == pytest.approx(0.78, abs=0.01)


def test_what_never_changes_among_the_others_has_no_price_of_its_own():
    """Ten elements in each of their networks, a thousand in the own ones, at no cost."""
    features, costs = networks(30, 1)
    ones = np.ones((30, 1))
    prior = Others(np.hstack([features, 10 * ones, ones]), costs + 1e-4)
    model = prior.fit(np.empty((0, 7)), np.empty(0))
    own = model.predict(np.hstack([features, 1000 * ones, ones]))
    assert rmspe(own, costs + 1e-4) < 8.0
