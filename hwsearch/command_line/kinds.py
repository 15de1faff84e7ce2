"""Kinds of values that settings take: how each is read from a flag, checked and described."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from hwsearch.errors import did_you_mean

_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_SECONDS = re.compile(r"(.*?)([smhd]?)", re.ASCII | re.DOTALL)
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([kmgt]?)(i?)(b?)", re.ASCII | re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_LEAST_SIZE, _LARGEST_SIZE = 2**20, 2**50
_LARGEST_SEED = 2**32 - 1
_LONGEST_S = 1e9


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    Attributes:
        expected: What a value must be, as messages say it.
        accepts: Whether a decoded value, from JSON for example, is of this kind.
        read: The value that a flag's text stands for; None if the text has the wrong form.
        forms: What a flag's text may also look like, appended to `expected`.
        choices: The words that are valid, if only some are: a misspelt one is recognised.
        largest: The largest value, which messages name if a value is above it.
    """

    expected: str
    accepts: Callable[[Any], bool]
    read: Callable[[str], Any] = str
    forms: str = ""
    choices: tuple[str, ...] = ()
    largest: float = math.inf

    def from_text(self, text: str) -> Any:
        """The value that a flag's text stands for.

        Raises:
            ValueError: There is none; its text is what was expected.
        """
        value = self.read(text)
        if value is None or not self.accepts(value):
            most = ""
            if isinstance(value, int | float) and value > self.largest:
                most = f", at most {self.largest:,.0f}"
            raise ValueError(self.expected + self.forms + most + did_you_mean(text, self.choices))
        return value


def number(text: str) -> float | None:
    """A finite number; None for "nan", "1_000", blanks and other forms that `float` accepts."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def is_number(value: Any) -> bool:
    """Whether a decoded value is a finite number that a float can hold."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < 1e308
        and math.isfinite(value)
    )


def one_of(names: Iterable[str]) -> Kind:
    """The kind of a word that must be one of some names."""
    names = tuple(names)
    return Kind(
        f"one of {', '.join(names)}",
        lambda value: isinstance(value, str) and value in names,
        choices=names,
    )


def between(low: float, high: float, expected: str, forms: str = "") -> Kind:
    """The kind of a number above `low` and below `high`."""
    return Kind(expected, lambda value: is_number(value) and low < value < high, number, forms)


def whole(least: int, largest: int, expected: str) -> Kind:
    """The kind of a whole number within limits."""
    return Kind(
        expected,
        lambda value: (
            isinstance(value, int) and not isinstance(value, bool) and least <= value <= largest
        ),
        lambda text: int(text) if re.fullmatch(r"[0-9]{1,300}", text, re.ASCII) else None,
        largest=largest,
    )


def _seconds(text: str) -> float | None:
    parts = _SECONDS.fullmatch(text)
    value = number(parts[1]) if parts else None
    return value * _UNITS_S[parts[2]] if parts and value is not None else None


def _size(text: str) -> int | None:
    """Bytes: `8GiB` and `8G` are multiples of 1024**3, `8GB` of 1000**3."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return None
    value, prefix, binary, byte = found.groups()
    if binary and not (prefix and byte):
        return None
    base = 1000 if byte and not binary else 1024
    size: int = round(float(value) * base ** _POWERS[prefix.lower()])
    return size


COUNT = whole(1, 10**15 - 1, "a whole number above 0")
#: Networks of one `--profile`: all their points are kept in memory. Profiling these takes days.
PROFILES = whole(1, 10_000, "a whole number above 0")
SEED = whole(0, _LARGEST_SEED, f"a whole number in 0..{_LARGEST_SEED}")
SECONDS = Kind(
    "seconds above 0",
    lambda value: is_number(value) and 0 < value <= _LONGEST_S,
    _seconds,
    ", or 90s, 90m, 2h, 1d",
    largest=_LONGEST_S,
)
SIZE = Kind(
    "a size of at least 1 MiB",
    lambda value: (
        isinstance(value, int)
        and not isinstance(value, bool)
        and _LEAST_SIZE <= value <= _LARGEST_SIZE
    ),
    _size,
    ", such as 8GiB or 500MB",
    largest=_LARGEST_SIZE,
)
NUMBER = Kind("a number", is_number, number)
FRACTION = between(0, 1, "a number between 0 and 1", ", such as 0.02")
PERCENTAGE = between(0, 100, "a percentage between 0 and 100")
WORD = Kind("a name", lambda value: isinstance(value, str) and bool(value) and value.isprintable())
TEXT = Kind("a string", lambda value: isinstance(value, str))
SWITCH = Kind("true or false", lambda value: isinstance(value, bool), lambda text: text == "true")
