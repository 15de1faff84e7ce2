"""Reads typed values out of a JSON object and collects all faults instead of stopping at one."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeVar

from spearmint.config.records import ConfigError
from spearmint.config.sizes import shown_size, size_in_bytes
from spearmint.console.printing import printable

T = TypeVar("T")
#: A float represents every whole number up to this one.
LARGEST = 2**53
#: A longer word is not compared with the known ones.
LONGEST_WORD = 200


def shown(value: Any, limit: int = 80) -> str:
    """A value as JSON for a message: one printable line of at most `limit` characters."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    text = printable(text)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def one_of(names: Iterable[str]) -> str:
    """How a message lists the valid names."""
    names = list(names)
    return f"one of {', '.join(names)}" if len(names) > 1 else f'"{names[0]}"'


def did_you_mean(word: Any, known: Iterable[str]) -> str:
    """The question `did you mean "..."?` with the known word that resembles `word`, or ""."""
    if not isinstance(word, str) or len(word) > LONGEST_WORD:
        return ""
    spelled = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.strip().casefold(), spelled, n=1, cutoff=0.5)
    return f'did you mean "{spelled[near[0]]}"?' if near else ""


def as_number(value: Any) -> int | float | None:
    """A finite number as an int or float (NumPy's too); None for all else, booleans included."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = int(value) if isinstance(value, Integral) else float(value)
        return number if isfinite(number) else None
    except OverflowError:
        return None


def is_file(path: Path) -> bool:
    """Whether there is such a file; False for a path that the system does not accept."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is such a folder; False for a path that the system does not accept."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_text(text: str) -> bool:
    """Whether a string is Unicode text, without unpaired surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


class Faults:
    """What is wrong in a file (`faults`) and what is ignored (`warnings`), one line each.

    Args:
        source: What the lines call the file.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.faults: list[str] = []
        self.warnings: list[str] = []

    def add(self, path: str, got: str, expected: str) -> None:
        """Adds a fault, unless it is there already: several tasks may share one."""
        line = printable(f"{self.source}: {path}: got {got}; expected {expected}")
        if line not in self.faults:
            self.faults.append(line)

    def warn(self, path: str, text: str) -> None:
        """Adds a warning."""
        self.warnings.append(printable(f"{self.source}: {path}: {text}"))

    def check(self) -> None:
        """Raises ConfigError if there is a fault."""
        if self.faults:
            raise ConfigError(self.faults, self.warnings)


class ObjectReader:
    """One JSON object, with one method per type of value.

    Each returns the default if the key is absent or null, and also if its value is wrong: that is
    a fault then.

    Args:
        values: The object's keys.
        path: Its place in the file, such as `tasks.error`; empty for the whole.
        faults: Where faults go.
    """

    def __init__(self, values: Mapping[str, Any], path: str, faults: Faults) -> None:
        self.values = values
        self.path = path
        self.faults = faults

    @classmethod
    def of_file(cls, document: Any, faults: Faults) -> ObjectReader:
        """The reader of a whole file.

        Raises:
            ConfigError: The file is not an object.
        """
        if not _is_object(document):
            raise ConfigError([f"{faults.source}: got {shown(document)}; expected an object"])
        return cls(document, "", faults)

    def at(self, key: str) -> str:
        """The path of a key."""
        name = key if _plain(key) else shown(key)
        return f"{self.path}.{name}" if self.path else name

    def has(self, key: str) -> bool:
        """Whether the key is given, and not null."""
        return self.values.get(key) is not None

    def fault(self, key: str, expected: str) -> None:
        """Adds a fault: the value of a key is not what was expected."""
        got = shown(self.values[key]) if key in self.values else "nothing"
        self.faults.add(self.at(key), got, expected)

    def check_keys(self, known: Iterable[str]) -> None:
        """Warns of every unknown key and suggests the known one that resembles it."""
        known = list(known)
        for key in self.values:
            if key not in known:
                hint = did_you_mean(key, known) or f"known keys: {', '.join(known) or 'none'}"
                self.faults.warn(self.at(str(key)), f"unknown key, ignored; {hint}")

    def string(self, key: str, default: T, what: str) -> str | T:
        """A string that is not empty."""
        if not self.has(key):
            return default
        value = self.values[key]
        if isinstance(value, str) and value.strip() and "\0" not in value and is_text(value):
            return value
        self.fault(key, what)
        return default

    def choice(self, key: str, valid: Sequence[str], default: str) -> str:
        """One of some words, in upper or lower case."""
        if not self.has(key):
            return default
        value = self.values[key]
        for word in valid:
            if isinstance(value, str) and value.strip().upper() == word.upper():
                return word
        hint = did_you_mean(value, valid) if len(valid) > 2 else ""
        self.fault(key, one_of(valid) + (f" ({hint})" if hint else ""))
        return default

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        if not self.has(key):
            return default
        value = self.values[key]
        if isinstance(value, bool):
            return value
        self.fault(key, "true or false")
        return default

    def whole(self, key: str, default: T, low: int, high: int = LARGEST) -> int | T:
        """A whole number from low to high; 5.0 is one."""
        if not self.has(key):
            return default
        number = as_number(self.values[key])
        if number is not None and number == int(number) and low <= number <= high:
            return int(number)
        if high < LARGEST:
            self.fault(key, f"a whole number from {low} to {high}")
        else:
            self.fault(
                key, f"a whole number, {low} or more" if low > -LARGEST else "a whole number"
            )
        return default

    def number(
        self, key: str, default: T, low: float, high: float, *, ends: bool = False
    ) -> float | T:
        """A number between low and high; with `ends` it may be one of the two."""
        if not self.has(key):
            return default
        number = as_number(self.values[key])
        if number is not None and (low < number < high or (ends and number in {low, high})):
            return float(number)
        between = f"from {low:g} to {high:g}" if ends else f"between {low:g} and {high:g}"
        self.fault(key, f"a number {between}")
        return default

    def seconds(self, key: str, default: T, *, zero: bool = False) -> float | T:
        """A time of more than 0 seconds, or of 0 too, up to 1e9."""
        if not self.has(key):
            return default
        number = as_number(self.values[key])
        if number is not None and (0 < number < 1e9 or (zero and number == 0)):
            return float(number)
        self.fault(key, "seconds, 0 or more" if zero else "seconds, more than 0")
        return default

    def size(self, key: str, default: T, low: int) -> int | T:
        """A number of bytes, as a number or a text such as "8GiB"."""
        if not self.has(key):
            return default
        value = self.values[key]
        number = size_in_bytes(value) if isinstance(value, str) else as_number(value)
        if number is not None and number == int(number) and low <= number <= LARGEST:
            return int(number)
        self.fault(key, f'a size such as "8GiB", at least {shown_size(low)}')
        return default

    def mapping(self, key: str, what: str = "an object") -> dict[str, Any]:
        """An object; an empty one by default."""
        if not self.has(key):
            return {}
        value = self.values[key]
        if _is_object(value):
            return dict(value)
        self.fault(key, what)
        return {}

    def strings(self, key: str, what: str) -> tuple[str, ...]:
        """A list of strings; a single string stands for a list of one."""
        if not self.has(key):
            return ()
        value = self.values[key]
        items = [value] if isinstance(value, str) else value
        if isinstance(items, list | tuple) and all(isinstance(i, str) and i for i in items):
            return tuple(items)
        self.fault(key, what)
        return ()

    def inner(self, key: str, what: str = "an object") -> ObjectReader:
        """The reader of an object inside this one."""
        return ObjectReader(self.mapping(key, what), self.at(key), self.faults)

    def objects(self, key: str, what: str) -> list[tuple[str, ObjectReader]]:
        """The objects inside an object, by name."""
        outer = self.inner(key, what)
        readers = []
        for name, value in outer.values.items():
            if not is_text(name):
                expected = "a name without unpaired surrogates"
                self.faults.add(self.at(key), shown(name), expected)
            elif _is_object(value):
                readers.append((name, ObjectReader(value, outer.at(name), self.faults)))
            else:
                self.faults.add(outer.at(name), shown(value), "an object")
        return readers


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _plain(key: str) -> bool:
    return bool(key) and all(c.isalnum() or c in "_-" for c in key) and key.isprintable()
