"""One hyper-parameter by itself; what a template says of it is in test_template.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.template.hyperparameter import LARGEST_INT, check, shown
from hwsearch.template.transforms import Transform

INT = {"type": "INT", "token": "a", "min": 1, "max": 5}


def test_what_is_read() -> None:
    entry, faults = check(INT | {"transform": "X2"})
    assert faults == []
    assert entry is not None
    assert (entry.token, entry.type, entry.low, entry.high) == ("a", "INT", 1, 5)
    assert entry.transform == Transform.parse("X2")
    assert entry.samples() == (2, 10)
    assert entry.description() == "INT 1..5 X2"
    assert entry.variable() == {"type": "INT", "size": 1, "min": 1, "max": 5}


def test_whole_bounds_of_a_float_become_floats() -> None:
    entry, _ = check({"type": "FLOAT", "token": "a", "min": 0, "max": 1})
    assert entry is not None
    assert [type(v) for v in (entry.low, entry.high, entry.value(1))] == [float] * 3


def test_the_largest_whole_numbers() -> None:
    entry, _ = check(INT | {"min": -LARGEST_INT, "max": LARGEST_INT})
    assert entry is not None
    assert entry.value(float(LARGEST_INT)) == LARGEST_INT
    assert check(INT | {"max": LARGEST_INT + 1})[0] is None


@pytest.mark.parametrize("given_value", [[], [1, 2], {}, {"values": []}, None, "1", 0, 6, 1.5])
def test_values_that_do_not_belong(given_value: object) -> None:
    entry, _ = check(INT)
    assert entry is not None
    with pytest.raises(ValueError, match=r"^got .*; expected "):
        entry.value(given_value)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.floats(0, 1))
def test_floats_come_back_exactly(a: float, b: float, share: float) -> None:
    low, high = min(a, b), max(a, b)
    entry, _ = check({"type": "FLOAT", "token": "a", "min": low, "max": high})
    if entry is None:
        assert low == high
        return
    value = min(max(low * (1 - share) + high * share, low), high)
    assert entry.value([value]) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n\ud800é", '"a\\n\\ud800\\u00e9"'),
        (float("nan"), "NaN"),
        (["x" * 100], '["' + "x" * 54 + " ..."),
        ({1, 2}, "<class 'set'>"),
    ],
)
def test_values_are_shown_on_one_short_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_number_that_python_will_not_write_is_shown_in_words() -> None:
    assert shown(10**5000) == "a number of thousands of digits"
