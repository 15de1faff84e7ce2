"""A number with its uncertainty, and its one form in JSON."""

from __future__ import annotations

import math

import pytest

from hwsearch.measurements import Quantity


def test_relative_error_is_infinite_when_nobody_knows_it():
    assert Quantity(50.0, 1.0, 3.0, 9, "W", "").relative_error == 0.02
    assert Quantity(50.0, math.nan, 3.0, 1, "W", "").relative_error == math.inf
    assert Quantity(0.0, 1.0, 3.0, 9, "W", "").relative_error == math.inf


def test_other_units():
    quantity = Quantity(2.0, 0.1, 0.3, 9, "s/batch", "clock").scaled(0.5, "s/image")
    assert quantity == Quantity(1.0, 0.05, 0.15, 9, "s/image", "clock")
    assert str(quantity) == "1 +- 0.05 s/image"


def test_json_has_null_for_what_is_unknown():
    document = Quantity(50.0, math.nan, math.inf, 1, "W", "nvml").to_json()
    assert document == {
        "value": 50.0,
        "std_error": None,
        "std": None,
        "samples": 1,
        "unit": "W",
        "source": "nvml",
    }


@pytest.mark.parametrize("key", ["value", "mean"])
def test_profiles_of_older_versions_called_the_value_mean(key):
    quantity = Quantity.from_json({key: 50.0, "std_error": 1, "samples": 3, "unit": "W"})
    assert quantity is not None
    assert (quantity.value, quantity.std_error, quantity.samples) == (50.0, 1.0, 3)
    assert math.isnan(quantity.std)


@pytest.mark.parametrize("document", [None, 3.0, "50 W", [50.0]])
def test_what_is_not_an_object_is_not_a_quantity(document):
    assert Quantity.from_json(document) is None
