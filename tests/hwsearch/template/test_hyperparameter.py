"""The values of one hyper-parameter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.template.declaration import check
from hwsearch.template.hyperparameter import Hyperparameter
from hwsearch.template.transforms import Transform

INT = {"type": "INT", "token": "a", "min": 1, "max": 5}


def test_how_it_is_described() -> None:
    entry = Hyperparameter("a", "INT", 1, 5, transform=Transform.parse("X2"))
    assert entry.samples() == (2, 10)
    assert entry.description() == "INT 1..5 X2"
    assert entry.variable() == {"type": "INT", "size": 1, "min": 1, "max": 5}
    choice = Hyperparameter("b", "ENUM", options=("x", True))
    assert choice.samples() == ("x", True)
    assert choice.description() == 'ENUM ["x", true]'
    assert choice.variable() == {"type": "ENUM", "size": 1, "options": ["x", True]}


@pytest.mark.parametrize("given_value", [[], [1, 2], {}, {"values": []}, None, "1", 0, 6, 1.5])
def test_values_outside_the_range(given_value: object) -> None:
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


def test_booleans_and_numbers_are_different_options() -> None:
    entry = Hyperparameter("a", "ENUM", options=(1, True, "1"))
    assert [entry.value(v) for v in (True, 1.0, ["1"])] == [True, 1, "1"]
    with pytest.raises(ValueError, match=r'^got false; expected one of \[1, true, "1"\]$'):
        entry.value(False)
