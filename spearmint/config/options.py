"""The options of an ENUM: JSON values, and when two of them are the same.

An option is a string, a number, a boolean, null, a list of options, or `{"name": "..."}`, which
stands for something that only the objective knows, such as a class of a library.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from numbers import Integral, Real
from typing import Any

from spearmint.config.reader import is_text

Option = str | int | float | bool | None | list[Any] | dict[str, Any]
#: The only key of an option that is an object.
NAME = "name"
#: Lists inside lists: no option is deeper, and a database must be able to store it.
DEEPEST = 10
EXPECTED = f'strings, numbers, true, false, null, lists of these, or {{"{NAME}": "..."}}'


def option_key(value: Any) -> Hashable:
    """What distinguishes options: true and 1 differ, 1 and 1.0 do not, also inside lists."""
    if isinstance(value, list | tuple):
        return "list", tuple(map(option_key, value))
    if isinstance(value, Mapping):
        return "object", tuple((str(key), option_key(item)) for key, item in value.items())
    return isinstance(value, bool), value


def as_option(value: Any, depth: int = 0) -> Option:
    """The option as plain Python values.

    Raises:
        ValueError: It cannot be an option; the text says what is expected.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if is_text(value):
            return value
        raise ValueError("Unicode text, without unpaired surrogates")
    if isinstance(value, list | tuple) and depth < DEEPEST:
        return [as_option(item, depth + 1) for item in value]
    if isinstance(value, Mapping) and set(value) == {NAME} and isinstance(value[NAME], str):
        return {NAME: as_option(value[NAME])}
    if isinstance(value, Real) and value == value:  # noqa: PLR0124 - NaN
        if not isinstance(value, Integral):
            return float(value)
        whole = int(value)
        if -(2**63) <= whole < 2**63:
            return whole
        raise ValueError("whole numbers of at most 64 bits")
    raise ValueError(EXPECTED)
