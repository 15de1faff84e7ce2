"""Values of JSON that others may have written."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given

from hwsearch.measurements.reading import by_name, items, number, whole, without_nan
from tests.hwsearch.measurements.records import ANY_JSON


@pytest.mark.parametrize("value", [None, True, "3", [3], {"$numberDouble": "NaN"}, 10**400])
def test_what_is_not_a_number_is_nan(value):
    assert math.isnan(number(value))


@pytest.mark.parametrize(("value", "expected"), [(3, 3), (True, None), (3.0, None), ("3", None)])
def test_whole_numbers(value, expected):
    assert whole(value) == expected


def test_items_that_are_not_accepted_are_left_out():
    assert items([1, "x", True, 2], whole) == (1, 2)
    assert items("12", whole) == ()
    assert by_name({"a": 1, "b": "x"}, whole) == {"a": 1}
    assert by_name([1], whole) == {}


@given(ANY_JSON)
def test_null_stands_for_nan_and_for_infinity_alone(document):
    plain = json.dumps(without_nan(document), allow_nan=False)
    null = json.loads(json.dumps(document), parse_constant=lambda _: None)
    assert json.loads(plain) == null
