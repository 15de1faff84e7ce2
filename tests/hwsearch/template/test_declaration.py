"""Every fault of a HYPERPARAM's JSON object, as its author reads it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsearch.template.declaration import check
from hwsearch.template.hyperparameter import Hyperparameter
from hwsearch.template.options import LARGEST_INT
from hwsearch.template.transforms import Transform

INT = {"type": "INT", "token": "a", "min": 1, "max": 5}
ENUM = {"type": "ENUM", "token": "a", "options": ["relu", "elu"]}
FLOAT = {"type": "FLOAT", "min": 0.5}


def fault(fields: dict[str, Any]) -> str:
    entry, faults = check(fields)
    assert entry is None
    assert len(faults) == 1
    assert len(faults[0].splitlines()) == 1
    return faults[0]


def test_valid_objects() -> None:
    transform = Transform.parse("X2")
    entry, faults = check(INT | {"transform": "X2"})
    assert faults == []
    assert entry == Hyperparameter("a", "INT", 1, 5, transform=transform)
    assert check(ENUM) == (Hyperparameter("a", "ENUM", options=("relu", "elu")), [])


def test_a_transform_that_is_null_is_none() -> None:
    assert check(INT | {"transform": None}) == check(INT)
    assert check(ENUM | {"transform": None}) == check(ENUM)


def test_whole_bounds_of_a_float_become_floats() -> None:
    entry, _ = check({"type": "FLOAT", "token": "a", "min": 0, "max": 1})
    assert entry is not None
    assert [type(v) for v in (entry.low, entry.high, entry.value(1))] == [float] * 3


def test_the_largest_whole_numbers() -> None:
    entry, _ = check(INT | {"min": -LARGEST_INT, "max": LARGEST_INT})
    assert entry is not None
    assert entry.value(float(LARGEST_INT)) == LARGEST_INT
    assert check(INT | {"max": LARGEST_INT + 1})[0] is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"type": "int"},
            "type: got \"int\"; expected one of INT, FLOAT, ENUM; did you mean 'INT'?",
        ),
        ({"type": 3}, "type: got 3; expected one of INT, FLOAT, ENUM"),
        (
            {"mim": 3},
            "mim: unknown key; type INT has the keys type, token, min, max, transform, step, log, "
            "default, when; did you mean 'min'?",
        ),
        (
            {"options": [1]},
            "options: not a key of this type; type INT has the keys type, token, min, max, "
            "transform",
        ),
        ({"a\nb": 1}, '"a\\nb": unknown key; type INT has'),
        ({"token": ""}, 'token: got ""; expected a name for this hyper-parameter'),
        ({"token": 5}, "token: got 5; expected a name"),
        ({"token": "a.b"}, "token: got \"a.b\"; expected a name without '.' and without '$'"),
        ({"token": "$a"}, "token: got \"$a\"; expected a name without '.' and without '$'"),
        ({"token": " a"}, 'token: got " a"; expected printable characters, without spaces'),
        ({"token": "a\0"}, 'token: got "a\\u0000"; expected printable characters'),
        ({"token": "\ud800"}, 'token: got "\\ud800"; expected printable characters'),
        ({"token": "x" * 300}, 'token: got "xxxx'),
        ({"min": 5}, "min: got 5; expected less than max (5)"),
        ({"min": 1.5}, "min: got 1.5; expected a whole number without a decimal point, or type"),
        ({"min": True}, "min: got true; expected a whole number"),
        ({"min": "1"}, 'min: got "1"; expected a whole number'),
        ({"max": None}, "max: got null; expected a whole number"),
        ({"max": 10**20}, "max: got 100000000000000000000; expected a whole number in -90071992"),
        ({"max": float("nan")}, "max: got NaN; expected a finite number"),
        (FLOAT | {"max": float("inf")}, "max: got Infinity; expected a finite number (below"),
        (FLOAT | {"max": 10**400}, "max: got 1000"),
        (FLOAT | {"max": False}, "max: got false; expected a number"),
        (FLOAT | {"min": 2**60, "max": 2**60 + 1}, "min: got 1152921504606846976; expected a flo"),
        ({"step": 0}, "step: got 0; expected a number above 0"),
        ({"step": 0.5}, "step: got 0.5; expected a whole number without a decimal point"),
        ({"step": 5}, "step: got 5; expected at most max - min"),
        (FLOAT | {"max": 1e9, "step": 1e-9}, "step: got 1e-09; expected a larger step"),
        ({"step": 1, "log": True}, "step: got 1; expected only one of step and log"),
        ({"log": 1}, "log: got 1; expected true or false"),
        ({"log": True, "transform": "X2"}, "log: got true; expected only one of log and transform"),
        ({"log": True, "min": 0}, 'min: got 0; expected a number above 0, because of "log"'),
        ({"default": 6}, "default: got 6; expected a whole number in 1..5"),
        ({"default": "2"}, 'default: got "2"; expected a whole number in 1..5'),
        ({"default": 4, "step": 2}, "default: got 4; expected 1 plus a multiple of the step, 2"),
        (
            {"default": 0.02, "transform": "NEGEXP10"},
            "default: got 0.02; expected what the script gets for a whole number, such as 0.1 or "
            "0.01",
        ),
        (
            {"default": 3, "transform": "NEGEXP10"},
            "default: got 3; expected a number in 1e-05..0.1, as the script gets it",
        ),
        ({"transform": "LOG"}, "transform: got \"LOG\"; expected X<k> (v * k), NEGEXP<b>"),
        ({"transform": 2}, "transform: got 2; expected X<k>"),
        ({"transform": "LOG-2"}, 'transform: got "LOG-2"; expected a base above 0 and other than'),
        (
            {"transform": "LOG2", "max": 2000},
            'transform: got "LOG2"; at max, the result for v = 2000 is too large or too small for '
            "a float; expected another max or number",
        ),
        (
            FLOAT | {"min": 0, "max": 1e-20, "transform": "LOG2"},
            'transform: got "LOG2"; min and max both give 1.0; expected different values',
        ),
    ],
)  # fmt: skip
def test_faults_of_a_number(fields: dict[str, Any], text: str) -> None:
    assert fault(INT | fields).startswith(text)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"options": []}, "options: got []; expected a list of at least one option"),
        ({"options": "relu"}, 'options: got "relu"; expected a list'),
        ({"options": ["a", "a"]}, 'options: got "a"; expected each option only once'),
        ({"options": [1, 1.0]}, "options: got 1.0; expected each option only once"),
        ({"options": [None, None]}, "options: got null; expected each option only once"),
        ({"options": [[1], [1.0]]}, "options: got [1.0]; expected each option only once"),
        (
            {"options": [{"a": 1}]},
            'options: got {"a": 1}; expected strings, numbers, ',
        ),
        ({"options": [{"name": "a b"}]}, 'options: got {"name": "a b"}; expected a name such as'),
        ({"options": [[{"name": "a.if"}]]}, "options: got [{"),
        ({"default": "tanh"}, 'default: got "tanh"; expected one of ["relu", "elu"]'),
        ({"when": "sgd"}, 'when: got "sgd"; expected an object such as {"optimizer": "sgd"}'),
        ({"when": {}}, "when: got {}; expected an object such as"),
        ({"step": 1}, "step: not a key of this type; type ENUM has the keys"),
        ({"options": [float("nan")]}, "options: got NaN; expected finite numbers"),
        ({"options": [2**70]}, "options: got 1180591620717411303424; expected whole numbers in"),
        ({"options": ["\udfff"]}, 'options: got "\\udfff"; expected text without lone surrogates'),
        ({"min": 1}, "min: not a key of this type; type ENUM has the keys type, token, options"),
        ({"transform": "X2"}, "transform: not a key of this type; type ENUM has the keys"),
    ],
)
def test_faults_of_a_choice(fields: dict[str, Any], text: str) -> None:
    assert fault(ENUM | fields).startswith(text)


def test_keys_beyond_the_range() -> None:
    entry, faults = check(INT | {"max": 100, "step": 5, "default": 21, "when": {"b": True}})
    assert faults == []
    wanted = (("b", (True,)),)
    assert entry == Hyperparameter("a", "INT", 1, 100, step=5, default=21, when=wanted)
    entry, _ = check({"type": "FLOAT", "token": "a", "min": 1e-5, "max": 0.1, "log": True})
    assert entry == Hyperparameter("a", "FLOAT", 1e-5, 0.1, log=True)
    entry, _ = check(ENUM | {"options": [None, [1]], "default": None, "when": {"b": [1, None]}})
    assert entry is not None
    assert (entry.default, entry.has_default, entry.when) == (None, True, (("b", (1, None)),))


@pytest.mark.parametrize("key", ["step", "log", "default", "when"])
def test_a_key_that_is_null_is_absent(key: str) -> None:
    assert check(INT | {key: None}) == check(INT)


def test_all_faults_of_an_object_are_found() -> None:
    assert check({"mim": 1, "type": "INT"})[1] == [
        "token: got nothing; expected a name for this hyper-parameter",
        "mim: unknown key; type INT has the keys type, token, min, max, transform, step, log, "
        "default, when; did you mean 'min'?",
        "min: got nothing; expected a whole number",
        "max: got nothing; expected a whole number",
    ]
    assert check({"token": "a", "x": 1})[1] == [
        "type: got nothing; expected one of INT, FLOAT, ENUM",
        "x: unknown key; expected one of type, token, min, max, options, transform, step, log, "
        "default, when",
    ]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(["type", "token", "min", "max", "options", "transform", "x"]),
        ANY_JSON | st.sampled_from(["INT", "FLOAT", "ENUM", "X2", "LOG2", "a"]),
    )
)
def test_any_object_is_a_hyperparameter_or_a_list_of_faults(fields: dict[str, Any]) -> None:
    entry, faults = check(fields)
    assert (entry is None) == bool(faults)
    assert all(len(text.splitlines()) == 1 and text.isprintable() for text in faults)
    if entry is not None:
        assert all(value is not None for value in entry.samples())
