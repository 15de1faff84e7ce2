"""Checks of arrays, and folds."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.predicting.arrays import (
    checked,
    checked_features,
    folds_of,
    known_errors,
    lack_fixed_cost,
    with_fixed_cost,
)


@pytest.mark.parametrize(
    ("features", "costs", "text"),
    [
        (np.ones((4, 2)), np.ones(3), r"got shapes \(4, 2\) and \(3,\); expected \(n, F\)"),
        (np.ones(3), np.ones(3), r"got shapes \(3,\)"),
        (np.ones((3, 0)), np.ones(3), "features: got none; expected one or more"),
        (np.ones((2, 2)), np.ones(2), "costs: got 2; expected three networks or more"),
        (np.ones((3, 1)), [1, np.nan, 2], "costs: got nan for network 1; expected finite"),
        (np.ones((3, 1)), [1, 0, -2], "costs: got 0 for network 1 and 1 more; expected"),
        ([[1, 1], [1, np.inf], [1, 1]], np.ones(3), "features: got inf for network 1, feature 1;"),
    ],
)
def test_what_is_refused(features, costs, text):
    with pytest.raises(ValueError, match=text) as error:
        checked(features, costs, least=3)
    assert "\n" not in str(error.value)


def test_lists_of_whole_numbers():
    features, costs = checked([[1, 2]], [3], least=1)
    assert features.dtype.kind == costs.dtype.kind == "f"


def test_features_have_as_many_columns_as_those_of_the_fit():
    assert checked_features([[1, 2]], 2).shape == (1, 2)
    with pytest.raises(ValueError, match=r"got shape \(1, 2\); expected \(m, 3\)"):
        checked_features([[1, 2]], 3)


def test_errors_that_are_unknown_are_the_median():
    errors, median = known_errors(np.array([0.1, np.nan, 0.3]))
    assert errors.tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert median == pytest.approx(0.2)
    assert known_errors(None) == known_errors(np.array([np.nan])) == (None, 0.0)


@pytest.mark.parametrize(
    ("errors", "text"),
    [([0.1], r"got shape \(1,\).* expected \(2,\)"), ([0.1, -1], "smallest -1; expected")],
)
def test_errors_that_are_refused(errors, text):
    with pytest.raises(ValueError, match=text):
        known_errors(errors, 2)


def test_each_network_is_held_out_once_and_with_those_that_are_equal():
    features = np.repeat(np.arange(7.0), 3)[:, None]
    parts = list(folds_of(features, 5))
    assert len(parts) == 5
    assert sorted(np.concatenate([part for part, _ in parts])) == list(range(21))
    for part, rest in parts:
        assert not set(features[part, 0]) & set(features[rest, 0])
        assert len(part) + len(rest) == 21


def test_networks_that_are_all_equal_are_held_out_one_by_one():
    assert [part.tolist() for part, _ in folds_of(np.ones((3, 2)), 10)] != []
    assert all(len(part) == 1 and len(rest) == 2 for part, rest in folds_of(np.ones((3, 2)), 10))


@pytest.mark.parametrize(("column", "lacks"), [([2.0, 2.0], False), ([0.0, 0.0], True)])
def test_a_constant_column_stands_for_a_fixed_cost(column, lacks):
    features = np.array([[1.0, 2.0], column]).T
    assert lack_fixed_cost(features) is lacks
    assert not lack_fixed_cost(with_fixed_cost(features))
