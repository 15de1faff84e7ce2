"""Kinds of values: the same limits for a flag's text and for a decoded value."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.command_line import kinds

NAMES = kinds.one_of(["error", "power"])


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (kinds.COUNT, "7", 7),
        (kinds.COUNT, "0", None),
        (kinds.COUNT, "1.0", None),
        (kinds.COUNT, "٣", None),
        (kinds.COUNT, "9" * 16, None),
        (kinds.SEED, "0", 0),
        (kinds.SEED, "4294967295", 2**32 - 1),
        (kinds.SEED, "4294967296", None),
        (kinds.SECONDS, "90", 90.0),
        (kinds.SECONDS, ".5h", 1800.0),
        (kinds.SECONDS, "2d", 172800.0),
        (kinds.SECONDS, "2dd", None),
        (kinds.SECONDS, "s", None),
        (kinds.SECONDS, "1e9", 1e9),
        (kinds.SECONDS, "1e8h", None),
        (kinds.SIZE, "8GiB", 8 * 2**30),
        (kinds.SIZE, "8g", 8 * 2**30),
        (kinds.SIZE, "1.5 GB", 1_500_000_000),
        (kinds.SIZE, "1048576", 2**20),
        (kinds.SIZE, "1000", None),
        (kinds.SIZE, "8Gi", None),
        (kinds.SIZE, "-8GiB", None),
        (kinds.SIZE, "9" * 400, None),
        (kinds.SIZE, "2000TiB", None),
        (kinds.FRACTION, "0.02", 0.02),
        (kinds.FRACTION, "1", None),
        (kinds.PERCENTAGE, "33", 33.0),
        (kinds.PERCENTAGE, "100", None),
        (kinds.WORD, "nvml", "nvml"),
        (kinds.WORD, "a\nb", None),
        (kinds.SWITCH, "true", True),
        (NAMES, "power", "power"),
        (NAMES, "Power", None),
    ],
)
def test_texts(kind: kinds.Kind, text: str, value: Any) -> None:
    if value is None:
        with pytest.raises(ValueError, match=kind.expected):
            kind.from_text(text)
    else:
        assert kind.from_text(text) == value


@pytest.mark.parametrize(
    ("kind", "value", "accepted"),
    [
        (kinds.COUNT, True, False),
        (kinds.COUNT, 1.0, False),
        (kinds.COUNT, "1", False),
        (kinds.SIZE, 2**30, True),
        (kinds.SIZE, True, False),
        (kinds.SIZE, 1e9, False),
        (kinds.SIZE, "8GiB", False),
        (kinds.SECONDS, 1, True),
        (kinds.SECONDS, 10**400, False),
        (kinds.SECONDS, math.nan, False),
        (kinds.FRACTION, True, False),
        (kinds.SWITCH, 1, False),
        (kinds.TEXT, "", True),
        (kinds.WORD, "", False),
        (NAMES, ["error"], False),
    ],
)
def test_decoded_values(kind: kinds.Kind, value: Any, accepted: bool) -> None:
    assert kind.accepts(value) is accepted


@pytest.mark.parametrize(
    ("kind", "text", "most"),
    [
        (kinds.COUNT, "9" * 40, "999,999,999,999,999"),
        (kinds.PROFILES, "10001", "10,000"),
        (kinds.SECONDS, "1e8h", "1,000,000,000"),
        (kinds.SIZE, "2000TiB", "1,125,899,906,842,624"),
    ],
)
def test_a_message_about_a_value_that_is_too_large_names_the_largest(
    kind: kinds.Kind, text: str, most: str
) -> None:
    with pytest.raises(ValueError, match=f", at most {most}$"):
        kind.from_text(text)


def test_a_message_says_what_a_flag_may_look_like_and_what_was_probably_meant() -> None:
    with pytest.raises(ValueError, match=r"^seconds above 0, or 90s, 90m, 2h, 1d$"):
        kinds.SECONDS.from_text("soon")
    with pytest.raises(ValueError, match=r"^one of error, power; did you mean 'error'\?$"):
        NAMES.from_text("eror")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back(value: float) -> None:
    assert kinds.number(repr(value)) == value


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1_000", " 1", "1 ", "", "1e999", "0x1"])
def test_what_float_accepts_and_a_flag_does_not(text: str) -> None:
    assert kinds.number(text) is None
