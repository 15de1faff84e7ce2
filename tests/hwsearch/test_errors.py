"""Errors of another package, and what a misspelt word was meant to be."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError, as_user_errors, did_you_mean, nearest

WORDS = ("INT", "FLOAT", "max-time", "'quoted'")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("int", "INT"),
        (" Flot", "FLOAT"),
        ("max_time", "max-time"),
        ("sundial", ""),
        ("", ""),
        (None, ""),
        (["INT"], ""),
        ("INT" * 1000, ""),
    ],
)
def test_the_valid_word_is_given_as_it_is_spelled(word: object, meant: str) -> None:
    assert nearest(word, WORDS) == meant
    assert did_you_mean(word, WORDS) == (f"; did you mean {meant!r}?" if meant else "")


def test_no_valid_words() -> None:
    assert did_you_mean("x", ()) == ""


def test_errors_of_another_package_are_for_the_user_and_other_errors_are_not() -> None:
    with pytest.raises(UserError, match=r"^no such key$"), as_user_errors(LookupError):
        raise IndexError("no such key")
    with pytest.raises(OSError, match="disk"), as_user_errors(LookupError):
        raise OSError("disk")
