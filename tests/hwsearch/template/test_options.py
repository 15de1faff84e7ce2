"""Options of an ENUM, and how a script gets them."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.template.options import literal, option_fault, option_key, reads_as_number

plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.floats(-9, 9)


@given(st.recursive(plain, lambda inner: st.lists(inner, max_size=3), max_leaves=8))
def test_a_script_gets_the_option_itself(option: Any) -> None:
    if option_fault(option) is not None:  # text with lone surrogates
        return
    text = literal(option)
    assert text.isascii()
    value = ast.literal_eval(text)
    assert value == option
    assert option_key(value) == option_key(option)


def test_names_are_not_strings() -> None:
    assert literal({"name": "keras.layers.ReLU"}) == "keras.layers.ReLU"
    assert literal("keras.layers.ReLU") == "'keras.layers.ReLU'"
    assert literal([{"name": "a.b"}, "a.b", None, -1]) == "[a.b, 'a.b', None, -1]"


@pytest.mark.parametrize("name", ["a b", "1a", "a..b", "", "é.a", "a.if", "a()", None, 3])
def test_what_is_not_a_name(name: Any) -> None:
    assert option_fault({"name": name}) == "expected a name such as keras.layers.ReLU"
    assert option_fault([{"name": name}]) is not None


def test_strings_that_read_as_numbers() -> None:
    yes, no = ["17", "-1e-3", " 2 "], ["relu", "", "nan", "inf", 2, None, "²", "0x1"]
    assert all(map(reads_as_number, yes))
    assert not any(map(reads_as_number, no))
