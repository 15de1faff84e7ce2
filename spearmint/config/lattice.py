"""The values of an INT or FLOAT with a step: low, low + step, ..., computed as decimals.

Numbers count as the decimals that people write: the third value of 0.1, 0.2, ... is 0.3, not
0.30000000000000004.
"""

from __future__ import annotations

from fractions import Fraction


def steps_between(low: float, high: float, step: float) -> int:
    """How many steps lead from `low` to the last value that is not above `high`."""
    return int((_decimal(high) - _decimal(low)) // _decimal(step))


def value_at(low: float, step: float, count: int) -> int | float:
    """The value after some steps: an int if `low` and `step` are ints."""
    if isinstance(low, int) and isinstance(step, int):
        return low + step * count
    return float(_decimal(low) + _decimal(step) * count)


def is_on(value: float, low: float, step: float) -> bool:
    """Whether a whole number of steps leads from `low` to a value."""
    return (_decimal(value) - _decimal(low)) % _decimal(step) == 0


def _decimal(number: float) -> Fraction:
    return Fraction(repr(number))
