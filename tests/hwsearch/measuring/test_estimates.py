from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.measuring.estimates import from_groups, jackknife


def test_equal_groups_give_the_textbook_standard_error():
    values = [10.0, 12.0, 11.0, 13.0]
    mean, error = from_groups(values, [1, 1, 1, 1])
    assert mean == 11.5
    assert error == pytest.approx(np.std(values, ddof=1) / 2)


def test_longer_groups_count_more():
    mean, error = from_groups([10.0, 20.0], [3.0, 1.0])
    assert mean == 12.5
    # sum of (share * deviation)^2 * n / (n - 1)
    assert error == pytest.approx(math.sqrt(2 * ((0.75 * 2.5) ** 2 + (0.25 * 7.5) ** 2)))


def test_one_group_has_no_error():
    mean, error = from_groups([10.0], [1.0])
    assert mean == 10.0
    assert math.isnan(error)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=40))
def test_the_jackknife_of_a_mean_is_the_textbook_standard_error(samples):
    value, error = jackknife(lambda s: float(np.mean(s)), samples, len(samples))
    assert value == pytest.approx(np.mean(samples))
    expected = np.std(samples, ddof=1) / math.sqrt(len(samples))
    assert error == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_neighbours_that_are_alike_count_once():
    samples = np.repeat([1.0, 2.0, 3.0, 4.0], 25)
    _, blocks = jackknife(lambda s: float(np.mean(s)), samples, 4)
    _, singles = jackknife(lambda s: float(np.mean(s)), samples, 100)
    assert blocks == pytest.approx(np.std([1, 2, 3, 4], ddof=1) / 2)
    assert singles < blocks / 4


def test_a_single_sample_has_no_error():
    value, error = jackknife(lambda s: s[0], [7.0], 10)
    assert value == 7.0
    assert math.isnan(error)
