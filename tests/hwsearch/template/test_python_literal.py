"""Objects in Python's spelling."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.template.python_literal import LiteralError, read_literal

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_what_python_prints_is_read(fields: dict[str, Any]) -> None:
    assert read_literal(ascii(fields)) == (fields, [])


def test_a_number_that_is_too_large_is_infinite() -> None:
    assert read_literal("{'a': 1e999, 'inf': -1e999}") == ({"a": math.inf, "inf": -math.inf}, [])


def test_repeated_keys_are_reported_and_the_last_value_counts() -> None:
    assert read_literal("{'a': 1, 'b': {'c': 1, 'c': 2}, 'a': 3}") == (
        {"a": 3, "b": {"c": 2}},
        ["a", "c"],
    )


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("{'a': b'x'}", "got b'x'; expected strings, numbers", 6),
        ("{'a': 1j}", "got 1j; expected", 6),
        ("{'a':\n  -'x'}", "got -'x'; expected", 8),
        ("{'é': f(1)}", "got f(1); expected", 6),
        ("{'a': f'{x}'}", "got f'{x}'; expected", 6),
        ("{'a': f().b}", "got f(); expected", 6),
        ("{**x}", "got {**x}; expected keys in quotes", 0),
        ("{a: 1}", "got a; expected keys in quotes", 1),
        ("{'a'}", "got {'a'}; expected", 0),
        ("{'a': elu}", 'got elu; expected "elu" in quotes, or {"name": "elu"} for a name of', 6),
    ],
)
def test_what_is_not_a_plain_value(text: str, message: str, position: int) -> None:
    with pytest.raises(LiteralError) as caught:
        read_literal(text)
    assert str(caught.value).startswith(message)
    assert caught.value.position == position
    assert not caught.value.is_syntax


@given(st.text(alphabet="{}[]'\":,a1.#\n\\ \0é\x0c", max_size=20))
def test_any_text_is_a_dictionary_or_one_line(text: str) -> None:
    try:
        fields, _ = read_literal("{" + text + "}")
    except LiteralError as caught:
        fields, place, lines = {}, caught.position, str(caught).splitlines()
    else:
        place, lines = 0, [""]
    assert isinstance(fields, dict)
    assert (place >= 0, len(lines)) == (True, 1)


def test_deep_nesting_is_one_line() -> None:
    with pytest.raises(LiteralError):
        read_literal("{'a': " + "[" * 5000 + "]" * 5000 + "}")
