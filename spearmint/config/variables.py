"""Reads `variables` of a config.json."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

from spearmint.config.reader import LARGEST, ObjectReader, as_number, is_text, one_of, shown
from spearmint.config.records import Option, Variable

#: The keys that a variable of each type may have.
KEYS = {
    "FLOAT": ("type", "size", "min", "max"),
    "INT": ("type", "size", "min", "max"),
    "ENUM": ("type", "size", "options"),
}
ALL_KEYS = ("type", "size", "min", "max", "options")
#: No search has longer vectors; a typing error must not fill the memory.
LARGEST_SIZE = 10_000
EXPECTED = 'an object with one variable per key: {"x": {"type": "FLOAT", "min": 0, "max": 1}}'


def read_variables(top: ObjectReader) -> tuple[Variable, ...]:
    """The variables in the order of the file; those with a fault may be missing."""
    if not top.values.get("variables"):
        top.fault("variables", EXPECTED)
    variables = [_variable(name, reader) for name, reader in top.objects("variables", EXPECTED)]
    return tuple(variable for variable in variables if variable is not None)


def _variable(name: str, reader: ObjectReader) -> Variable | None:
    kind = reader.choice("type", tuple(KEYS), "")
    size = reader.whole("size", 1, 1, LARGEST_SIZE)
    reader.check_keys(KEYS.get(kind, ALL_KEYS))
    if not kind:
        if not reader.has("type"):
            reader.fault("type", one_of(KEYS))
        return None
    if kind == "ENUM":
        return Variable(name, kind, size, options=_options(reader))
    low, high = (_bound(reader, key, kind) for key in ("min", "max"))
    if low is None or high is None:
        return None
    if not low < high:
        got = f"min {shown(reader.values['min'])} and max {shown(reader.values['max'])}"
        reader.faults.add(reader.path, got, "min below max")
    return Variable(name, kind, size, low, high)


def _bound(reader: ObjectReader, key: str, kind: str) -> int | float | None:
    number = as_number(reader.values.get(key))
    if kind == "FLOAT":
        if number is None:
            reader.fault(key, "a finite number")
            return None
        return float(number)
    if number is None or number != int(number) or abs(number) > LARGEST:
        reader.fault(key, "a whole number between -2**53 and 2**53")
        return None
    return int(number)


def _options(reader: ObjectReader) -> tuple[Option, ...]:
    given = reader.values.get("options")
    if not isinstance(given, list | tuple) or not given:
        reader.fault("options", "a list of one or more options")
        return ()
    options: list[Option] = []
    for value in given:
        option = _option(value)
        if expected := _not_storable(option):
            reader.faults.add(reader.at("options"), shown(value), expected)
        elif option is None:
            reader.faults.add(reader.at("options"), shown(value), "strings, numbers, true or false")
        # True == 1 in Python, but they are two options.
        elif any(o == option and isinstance(o, bool) == isinstance(option, bool) for o in options):
            reader.faults.add(reader.at("options"), f"{shown(value)} twice", "each option once")
        else:
            options.append(option)
    return tuple(options)


def _not_storable(option: Option | None) -> str | None:
    """What is expected instead of an option that no database stores exactly; None if one does."""
    if isinstance(option, str) and not is_text(option):
        return "Unicode text, without unpaired surrogates"
    if isinstance(option, int) and not -(2**63) <= option < 2**63:
        return "whole numbers of at most 64 bits"
    return None


def _option(value: Any) -> Option | None:
    """The option as a plain Python value; None for what cannot be one."""
    if isinstance(value, bool | str):
        return value
    if not isinstance(value, Real) or value != value:  # noqa: PLR0124 - NaN
        return None
    return int(value) if isinstance(value, Integral) else float(value)
