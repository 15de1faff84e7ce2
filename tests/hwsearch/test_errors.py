"""What a misspelt word was meant to be."""

from __future__ import annotations

import pytest

from hwsearch.errors import did_you_mean, nearest

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
