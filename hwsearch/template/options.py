"""Options of an ENUM: what they can be, when two are the same, and how a script gets them.

An option is a string, a number, a boolean, null, a list of options, or a name of Python's, which
is the object `{"name": "keras.layers.ReLU"}`.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Hashable, Mapping
from typing import Any

from hwsearch.template.quoting import is_text

Option = str | int | float | bool | None | list[Any] | dict[str, Any]
#: The only key of an option that is a name.
NAME_KEY = "name"
#: A float holds every whole number up to here, and the optimiser calculates with floats.
LARGEST_INT = 2**53
EXPECTED = f'strings, numbers, booleans, null, lists of these, or {{"{NAME_KEY}": "a.b"}}'
#: Lists inside lists.
DEEPEST = 10


def option_key(option: Any) -> Hashable:
    """What distinguishes options: true and 1 differ, 1 and 1.0 do not, as in the optimiser."""
    if isinstance(option, list | tuple):
        return "list", tuple(map(option_key, option))
    if isinstance(option, Mapping):
        return "object", tuple((str(key), option_key(value)) for key, value in option.items())
    return isinstance(option, bool), option


def option_fault(option: Any, depth: int = 0) -> str | None:
    """What is expected instead of an option; None if it can be one."""
    if isinstance(option, list) and depth < DEEPEST:
        return next(filter(None, (option_fault(item, depth + 1) for item in option)), None)
    if isinstance(option, Mapping) and set(option) == {NAME_KEY}:
        return None if _is_name(option[NAME_KEY]) else "expected a name such as keras.layers.ReLU"
    if isinstance(option, int | float) and not isinstance(option, bool):
        return _number_fault(option)
    if option is not None and not isinstance(option, str | bool):
        return (
            f'expected strings, numbers, booleans, null, lists of these, or {{"{NAME_KEY}": ...}}'
        )
    is_good = not isinstance(option, str) or is_text(option)
    return None if is_good else "expected text without lone surrogates"


def _number_fault(option: float) -> str | None:
    if not is_finite(option):
        return "expected finite numbers (below 1.8e308)"
    if isinstance(option, int) and abs(option) > LARGEST_INT:
        return f"expected whole numbers in -{LARGEST_INT}..{LARGEST_INT}"
    return None


def _is_name(name: Any) -> bool:
    """Whether a value is a name of Python's, perhaps with dots, in ASCII."""
    words = name.split(".") if isinstance(name, str) and name.isascii() else [""]
    return all(word.isidentifier() and not keyword.iskeyword(word) for word in words)


def literal(option: Option) -> str:
    """The option as Python: in ASCII, which fits every encoding of a script."""
    if isinstance(option, list):
        return f"[{', '.join(map(literal, option))}]"
    return str(option[NAME_KEY]) if isinstance(option, dict) else ascii(option)


def reads_as_number(option: Option) -> bool:
    """Whether an option is a string that Python would read as a number: "17" or "1e-3"."""
    if not isinstance(option, str) or not option.strip().isascii():
        return False
    try:
        return math.isfinite(float(option))
    except ValueError:
        return False


def is_finite(number: float) -> bool:
    """Whether a float can hold the number."""
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False
