"""Reads typed values out of a JSON object and gathers every fault instead of stopping at one."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, TypeVar

T = TypeVar("T")
#: A float holds every whole number up to here.
LARGEST = 2**53


def shown(value: Any, limit: int = 80) -> str:
    """A value as JSON for a message: one line, printable anywhere, not longer than `limit`."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def one_of(names: Iterable[str]) -> str:
    """How a message lists the valid names."""
    names = list(names)
    return f"one of {', '.join(names)}" if len(names) > 1 else f'"{names[0]}"'


class Faults:
    """What is wrong (`faults`) and what is doubtful (`warnings`) in a file, a line each."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.faults: list[str] = []
        self.warnings: list[str] = []

    def add(self, path: str, got: str, expected: str) -> None:
        """Notes a fault."""
        self.faults.append(f"{self.source}: {path}: got {got}; expected {expected}")

    def warn(self, path: str, text: str) -> None:
        """Notes something that is passed over."""
        self.warnings.append(f"{self.source}: {path}: {text}")


class Section:
    """One JSON object: a getter a type, each giving the default for what is wrong, and noting it.

    Args:
        values: The object's keys.
        path: Its place in the file, such as `tasks.error`; empty for the whole.
        faults: Where faults go.
    """

    def __init__(self, values: Mapping[str, Any], path: str, faults: Faults) -> None:
        self.values = values
        self.path = path
        self.faults = faults

    def at(self, key: str) -> str:
        """The path of a key."""
        name = key if _plain(key) else shown(key)
        return f"{self.path}.{name}" if self.path else name

    def has(self, key: str) -> bool:
        """Whether the key is given, and not null."""
        return self.values.get(key) is not None

    def fault(self, key: str, expected: str) -> None:
        """Notes that the value of a key is not what was expected."""
        got = shown(self.values[key]) if key in self.values else "nothing"
        self.faults.add(self.at(key), got, expected)

    def check_keys(self, known: Iterable[str]) -> None:
        """Warns of every key that is not known, naming the nearest that is."""
        known = list(known)
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
                hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(known)}"
                self.faults.warn(
                    self.at(str(key)), f"this key is not known, and passed over; {hint}"
                )

    def text(self, key: str, default: T, what: str = "a text") -> str | T:
        """A text that is not empty."""
        if not self.has(key):
            return default
        value = self.values[key]
        if isinstance(value, str) and value.strip() and "\0" not in value and _encodable(value):
            return value
        self.fault(key, what)
        return default

    def choice(self, key: str, valid: Sequence[str], default: str) -> str:
        """One of some words, in capitals or not."""
        if not self.has(key):
            return default
        value = self.values[key]
        for word in valid:
            if isinstance(value, str) and value.strip().upper() == word.upper():
                return word
        near = difflib.get_close_matches(str(value).upper(), [v.upper() for v in valid], n=1)
        hint = f' (did you mean "{near[0]}"?)' if near and len(valid) > 2 else ""
        self.fault(key, one_of(valid) + hint)
        return default

    def whole(self, key: str, default: T, low: int, high: int = LARGEST) -> int | T:
        """A whole number from low to high; 5.0 is one."""
        if not self.has(key):
            return default
        number = as_number(self.values[key])
        if number is not None and number == int(number) and low <= number <= high:
            return int(number)
        upper = f" to {high}" if high < LARGEST else " or more"
        self.fault(key, f"a whole number, {low}{upper}" if low > -LARGEST else "a whole number")
        return default

    def number(
        self, key: str, default: T, low: float, high: float, what: str | None = None
    ) -> float | T:
        """A number strictly between low and high."""
        if not self.has(key):
            return default
        number = as_number(self.values[key])
        if number is not None and low < number < high:
            return float(number)
        self.fault(key, what or f"a number between {low:g} and {high:g}")
        return default

    def mapping(self, key: str, what: str = "an object") -> dict[str, Any]:
        """An object; an empty one where there is none."""
        if not self.has(key):
            return {}
        value = self.values[key]
        if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
            return dict(value)
        self.fault(key, what)
        return {}

    def texts(self, key: str, what: str) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of it."""
        if not self.has(key):
            return ()
        value = self.values[key]
        items = [value] if isinstance(value, str) else value
        if isinstance(items, list | tuple) and all(isinstance(i, str) and i for i in items):
            return tuple(items)
        self.fault(key, what)
        return ()

    def sections(self, key: str, what: str) -> list[tuple[str, Section]]:
        """The objects of an object, by name."""
        found = []
        for name, value in self.mapping(key, what).items():
            path = Section({}, self.at(key), self.faults).at(name)
            if isinstance(value, Mapping) and all(isinstance(k, str) for k in value):
                found.append((name, Section(value, path, self.faults)))
            else:
                self.faults.add(path, shown(value), "an object")
        return found


def as_number(value: Any) -> int | float | None:
    """A finite int or float as it is; None for all else (a boolean is no number)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if isfinite(value) else None
    except OverflowError:
        return None


def _plain(key: str) -> bool:
    return bool(key) and all(c.isalnum() or c in "_-" for c in key) and key.isprintable()


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
