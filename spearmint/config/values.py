"""Checks a value that config.json names for a variable: in `default`, `when` and `first-points`."""

from __future__ import annotations

from typing import Any

from spearmint.config.lattice import is_on
from spearmint.config.options import option_key
from spearmint.config.reader import as_number, shown
from spearmint.config.records import Option, Variable


def as_value(variable: Variable, value: Any) -> Option:
    """One value of a variable, in its type.

    Raises:
        ValueError: The variable cannot take it; the text says what it can take.
    """
    if variable.kind == "ENUM":
        for option in variable.options:
            if option_key(option) == option_key(value):
                return option
        raise ValueError(f"one of {', '.join(map(shown, variable.options))}")
    number = as_number(value)
    whole = variable.kind == "INT"
    kind = "a whole number" if whole else "a number"
    if number is None or (whole and number != int(number)):
        raise ValueError(f"{kind} from {shown(variable.low)} to {shown(variable.high)}")
    number = int(number) if whole else float(number)
    if not variable.low <= number <= variable.high:
        raise ValueError(f"{kind} from {shown(variable.low)} to {shown(variable.high)}")
    if variable.step is not None and not is_on(number, variable.low, variable.step):
        raise ValueError(f"{shown(variable.low)} plus a multiple of {shown(variable.step)}")
    return number


def as_values(variable: Variable, given: Any) -> tuple[Option, ...]:
    """All `size` values of a variable: a list, or the only value itself.

    Raises:
        ValueError: As `as_value`, or the list has another size.
    """
    if variable.size == 1:
        try:
            return (as_value(variable, given),)
        except ValueError:
            if not isinstance(given, list | tuple) or len(given) != 1:
                raise
            return (as_value(variable, given[0]),)
    if not isinstance(given, list | tuple) or len(given) != variable.size:
        raise ValueError(f"a list of {variable.size} values")
    return tuple(as_value(variable, value) for value in given)
