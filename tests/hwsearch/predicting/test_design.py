"""Networks that tell most about prices."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.predicting.design import most_informative
from hwsearch.predicting.linear import NonNegativeModel
from hwsearch.predicting.selection import rmspe


def networks(count, seed):
    """Six kinds of work that grow together, as those of wider networks do."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(size=(count, 1)))
    return size * np.exp(0.5 * rng.normal(size=(count, 6))) * [1e6, 1e5, 1e4, 10.0, 1.0, 1e3]


def test_networks_of_one_kind_of_work_each_come_first():
    features = np.vstack([np.full((20, 3), 1.0), [[9, 1, 1], [1, 9, 1], [1, 1, 9]]])
    assert sorted(most_informative([features], 3)) == [20, 21, 22]


def test_a_larger_design_begins_with_a_smaller_one():
    features = networks(40, 0)
    few, many = (most_informative([features], count) for count in (5, 12))
    assert many[:5] == few
    assert most_informative([features], 12, few) == many
    assert len(set(many)) == 12


def test_what_is_measured_anyway_is_not_chosen_again():
    features = np.vstack([np.eye(3) + 0.1, np.eye(3) + 0.1])
    assert sorted(most_informative([features], 3, [3, 4])[2:]) in ([2], [5])


def test_every_model_has_its_say():
    """Each table alone would take the other table's network last."""
    first, second = np.ones((10, 2)), np.ones((10, 2))
    first[3], second[7] = [1.0, 30.0], [30.0, 1.0]
    assert {3, 7} <= set(most_informative([first, second], 3))


def test_no_more_networks_than_there_are():
    features = np.column_stack([networks(4, 0), np.zeros(4)])
    features[2] = 0.0  # a network without work
    assert sorted(most_informative([features], 9)) == [0, 1, 2, 3]


@pytest.mark.parametrize("count", [10, 20])
def test_chosen_networks_determine_prices_better_than_random_ones(count):
    prices = np.array([1e-6, 1e-5, 1e-4, 0.1, 1.0, 1e-3]) * [1, 0, 2, 0.5, 1, 0.3]
    errors = {"random": [], "chosen": []}
    for seed in range(20):
        rng, features = np.random.default_rng(seed), networks(80, seed)
        costs = features @ prices * np.exp(0.1 * rng.normal(size=80))
        new = networks(200, 1000 + seed)
        rows = {"random": list(range(count)), "chosen": most_informative([features], count)}
        for name, known in rows.items():
            model = NonNegativeModel.fit(features[known], costs[known])
            errors[name].append(rmspe(model.predict(new), new @ prices))
    assert np.mean(errors["chosen"]) < 0.9 * np.mean(errors["random"])
