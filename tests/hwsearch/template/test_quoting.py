from __future__ import annotations

import pytest

from hwsearch.template.quoting import MISSING, is_text, quoted, quoted_key, quoted_name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n\ud800é", '"a\\n\\ud800\\u00e9"'),
        (float("nan"), "NaN"),
        (["x" * 100], '["' + "x" * 54 + " ..."),
        ({1, 2}, "<class 'set'>"),
        (None, "null"),
        (MISSING, "nothing"),
    ],
)
def test_values_are_one_short_line(value: object, text: str) -> None:
    assert quoted(value) == text


def test_a_number_that_python_does_not_write() -> None:
    assert quoted(10**5000) == "a number of thousands of digits"


@pytest.mark.parametrize(
    ("key", "text"),
    [("min", "min"), ("a b", '"a b"'), ("é", '"\\u00e9"'), ("x" * 61, '"' + "x" * 55 + " ...")],
)
def test_plain_keys_have_no_quotes(key: str, text: str) -> None:
    assert quoted_key(key) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("é", "'é'"), ("\ud800", '"\\ud800"'), ("x" * 61, '"' + "x" * 55 + " ...")],
)
def test_names_have_single_quotes(name: str, text: str) -> None:
    assert quoted_name(name) == text


def test_lone_surrogates_are_not_text() -> None:
    assert is_text("é😀")
    assert not is_text("\ud83d")
