"""The values of one hyper-parameter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
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


NUMBERS = {
    "plain": {"min": 1, "max": 9},
    "rate": {"min": 1, "max": 5, "transform": "NEGEXP10"},
    "power": {"min": 1, "max": 9, "transform": "LOG2"},
    "double": {"min": 1, "max": 9, "transform": "X2"},
    "third": {"min": 1, "max": 9, "transform": "X-0.3"},
}


@pytest.mark.parametrize("name", NUMBERS)
@given(data=st.data())
def test_the_optimisers_value_for_the_scripts_and_back(name: str, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["INT", "FLOAT"]))
    entry, _ = check({"type": kind, "token": "a"} | NUMBERS[name])
    assert entry is not None
    number = st.integers(1, int(entry.high)) if kind == "INT" else st.floats(1, entry.high)
    v = data.draw(number)
    value = entry.value(v)
    assert entry.optimisers(value) == pytest.approx(v)
    assert type(entry.optimisers(value)) is type(entry.low)
    withdefault = replace(entry, default=value)
    assert withdefault.value(withdefault.variable()["default"]) == value


def test_the_script_gets_its_default_exactly() -> None:
    fields = {"type": "FLOAT", "token": "a", "min": 1, "max": 5, "transform": "NEGEXP10"}
    for default in (0.0003, 0.007, 1e-5, 0.1, 0.03):
        entry, _ = check(fields | {"default": default})
        assert entry is not None
        assert entry.value(entry.variable()["default"]) == default


@pytest.mark.parametrize(
    ("fields", "default", "expected"),
    [
        ({"min": 1, "max": 99}, 64.0, 64),
        ({"min": 1, "max": 9, "transform": "LOG2"}, 64.0, 64),
        ({"type": "ENUM", "options": [32, 64]}, 64.0, 64),
        ({"type": "ENUM", "options": [1, True]}, True, True),
    ],
)
def test_a_default_has_the_type_of_the_other_values(
    fields: dict[str, object], default: object, expected: object
) -> None:
    entry, faults = check({"type": "INT", "token": "a"} | fields | {"default": default})
    assert entry is not None, faults
    value = entry.value(entry.variable()["default"])
    assert (value, type(value)) == (expected, type(expected))


def test_a_default_on_a_step_although_the_inverse_of_the_transform_is_rounded() -> None:
    fields = {"type": "FLOAT", "token": "a", "min": 1, "max": 5.1, "step": 0.5}
    fields["transform"] = "NEGEXP10"
    for default, v in ((0.1, 1.0), (10**-1.5, 1.5), (0.001, 3.0), (1e-5, 5.0)):
        entry, faults = check(fields | {"default": default})
        assert entry is not None, faults
        assert entry.variable()["default"] == v
        assert entry.value(v) == default
    for default in (0.002, 0.0010001, 10**-5.1):
        _, [fault] = check(fields | {"default": default})
        assert fault.endswith("; expected 1.0 plus a multiple of the step, 0.5")


def test_new_keys_in_config_json() -> None:
    entry, _ = check(INT | {"max": 100, "step": 5, "default": 21})
    assert entry is not None
    assert entry.variable() == {
        "type": "INT", "size": 1, "min": 1, "max": 100, "step": 5, "default": 21,
    }  # fmt: skip
    assert entry.description() == "INT 1..100 step 5"
    entry, _ = check({"type": "FLOAT", "token": "a", "min": 1e-5, "max": 0.1, "log": True})
    assert entry is not None
    assert entry.variable() == {"type": "FLOAT", "size": 1, "min": 1e-5, "max": 0.1, "log": True}
    choice = Hyperparameter("b", "ENUM", options=("x", None), default=None)
    assert choice.variable() == {
        "type": "ENUM", "size": 1, "options": ["x", None], "default": None,
    }  # fmt: skip


def test_options_that_are_lists() -> None:
    entry = Hyperparameter("a", "ENUM", options=([64, 32], [64], 64, None, {"name": "a.b"}))
    for option in entry.options:
        assert entry.value([option]) == option  # as a worker gets it
        assert entry.value({"type": "enum", "values": [option]}) == option
    assert entry.value([64, 32]) == [64, 32]
    assert entry.value([64]) == entry.value([np.array([64])]) == 64
    with pytest.raises(ValueError, match=r"^got 2 values; expected one$"):
        entry.value([1, 2])
