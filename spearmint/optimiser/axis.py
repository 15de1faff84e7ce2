"""One element of a variable: its values <-> codes, the numbers that the models compute with.

The code of a FLOAT or INT is its place between the bounds, in [0, 1], or that of its logarithm.
The values of an INT, and of a FLOAT with a step, are *levels* 0, 1, 2, ...: their codes are a
lattice. The code of an ENUM is the index of its option, which is also its level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.config import Variable
from spearmint.config.lattice import steps_between, value_at
from spearmint.config.options import option_key
from spearmint.config.reader import as_number

Array = NDArray[np.float64]

#: Two FLOAT codes closer than this are the same point.
SAME = 1e-9
#: Codes of the same value may differ by less than this, which is more than a rounding error.
ROUNDING = 1e-14
#: Integers below this are exact as floats.
EXACT = 2.0**53
#: A value of an earlier space that has no logarithm counts as this share of the lower bound.
TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Axis:
    """One element of a variable.

    Attributes:
        variable: Its name.
        kind: FLOAT, INT or ENUM.
        low, high: Bounds of a FLOAT or INT; with a step, `high` is the last value.
        options: Of an ENUM.
        step: Distance of neighbouring values; None: 1 of an INT, and none of a FLOAT.
        steps: With a step, how many of them lead from `low` to `high`.
        log: Whether codes are places of logarithms.
        start: The value in the first point, and where the axis does not matter.
    """

    variable: str
    kind: str
    low: float | int = 0
    high: float | int = 0
    options: tuple[Any, ...] = ()
    step: float | int | None = None
    steps: int = 0
    log: bool = False
    start: Any = None

    @classmethod
    def of(cls, v: Variable) -> list[Axis]:
        """The axes of a variable."""
        steps, high = 0, v.high
        if v.step is not None:
            steps = steps_between(v.low, v.high, v.step)
            high = value_at(v.low, v.step, steps)
        axis = cls(v.name, v.kind, v.low, high, v.options, v.step, steps, v.log)
        middle = v.options[0] if v.options else axis.decode(axis.middle)
        starts = v.default or [middle] * v.size
        return [
            cls(v.name, v.kind, v.low, high, v.options, v.step, steps, v.log, start)
            for start in starts
        ]

    @property
    def levels(self) -> float:
        """Number of values that the axis can take; inf if any number between the bounds."""
        if self.step is not None:
            return self.steps + 1
        if self.kind == "FLOAT":
            return inf
        return len(self.options) if self.kind == "ENUM" else int(self.high) - int(self.low) + 1

    @property
    def middle(self) -> float:
        """The code in the middle of the range of an INT or FLOAT."""
        return 0.5 if self.levels == inf else float(self.code(self.level(np.array([0.5])))[0])

    @property
    def tolerance(self) -> float:
        """Codes of the same value differ by less than this."""
        if self.levels == inf:
            return SAME
        if self.kind == "ENUM":
            return 0.5
        if self.log:  # neighbours are nearest at the upper end
            last = self.code(np.array([self.levels - 2, self.levels - 1]))
            return max(0.5 * float(last[1] - last[0]), ROUNDING)
        return 0.5 / max(self.levels - 1, 1)

    def level(self, code: Array) -> Array:
        """The levels nearest to codes, as floats of the same shape; not clipped."""
        if self.kind == "ENUM":
            return np.rint(code)
        return np.rint(self._unrounded_level(code))

    def code(self, level: Array) -> Array:
        """The codes of levels; same shape."""
        if self.kind == "ENUM":
            return level
        if self.log:
            return self._log_code(self.low + level)
        return level / (self.levels - 1)

    def spread(self, unit: Array) -> Array:
        """Maps [0, 1] to codes of the same shape so that uniform numbers give uniform values.

        With `log`, the logarithms of the values are uniformly distributed.
        """
        if self.levels == inf:
            return unit
        if self.log:
            # Every value has the numbers from half a step below to half a step above it.
            low, high = log(self.low - 0.5), log(self.high + 0.5)
            number = np.rint(np.exp(low + unit * (high - low)))
            return self._log_code(np.clip(number, self.low, self.high))
        number = np.minimum(np.floor(unit * self.levels), self.levels - 1)
        return number if self.kind == "ENUM" else number / (self.levels - 1)

    def has(self, code: Array) -> NDArray[np.bool_]:
        """Whether codes of this axis, perhaps with more options, are of values of it."""
        if self.kind == "ENUM":
            return np.less(code, self.levels)
        inside = (code > -SAME) & (code < 1.0 + SAME)
        if self.levels != inf:
            place = self._unrounded_level(code)
            # Rounding errors grow with the number of levels, those of exponentials faster.
            error = 1e-14 * self.high if self.log else 1e-15 * self.levels
            inside &= np.abs(place - np.rint(place)) < max(1e-6, error)
        return inside

    def decode(self, code: float) -> Any:
        """The value of a code, within the bounds, as a plain Python value."""
        if self.kind == "ENUM":
            return self.options[int(code)]
        clipped = min(max(code, 0.0), 1.0)
        if self.log:
            low, high = log(self.low), log(self.high)
            value = exp(low + clipped * (high - low)) if 0.0 < clipped < 1.0 else None
            number = (self.high if clipped else self.low) if value is None else value
            number = min(max(number, self.low), self.high)
            return round(number) if self.kind == "INT" else float(number)
        if self.step is not None:
            return value_at(self.low, self.step, round(clipped * self.steps))
        if self.kind == "INT":
            return int(self.low) + round(clipped * (self.high - self.low))
        value = self.low * (1.0 - code) + self.high * code
        return float(min(max(value, self.low), self.high))

    def encode(self, value: Any) -> float:
        """The code of a value.

        Raises:
            ValueError: The axis cannot take this value; the text says what it can take.
        """
        if self.kind == "ENUM":
            key = option_key(value)
            for code, option in enumerate(self.options):
                if option_key(option) == key:
                    return float(code)
            raise ValueError(f"one of {list(self.options)}")
        number = as_number(value)
        if number is None:
            raise ValueError("a finite number")
        if self.log:
            return float(self._log_code(np.array([float(number)]))[0])
        if isfinite(self.high - self.low):
            return float((number - self.low) / (self.high - self.low))
        return float((number / 2 - self.low / 2) / (self.high / 2 - self.low / 2))

    def encode_all(self, values: Sequence[Any]) -> Array:
        """The codes of plain values, shape (n,), the same as `encode` gives.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: `encode` has to decide about a value.
        """
        if self.kind == "ENUM":
            codes = {option_key(o): float(i) for i, o in reversed([*enumerate(self.options)])}
            return np.array([codes[option_key(value)] for value in values])
        if set(map(type, values)) - {int, float}:
            raise TypeError("other types than int and float")
        numbers = np.array(values, dtype=float)
        largest = np.max(np.abs(numbers), initial=max(abs(self.low), abs(self.high)))
        if not largest < EXACT:
            raise ValueError("a number that needs exact arithmetic")
        if self.log:
            return self._log_code(numbers)
        codes_of_numbers: Array = (numbers - self.low) / (self.high - self.low)
        return codes_of_numbers

    def _unrounded_level(self, code: Array) -> Array:
        if self.log:
            low, high = log(self.low), log(self.high)
            level: Array = np.exp(low + code * (high - low)) - self.low
            return level
        return code * (self.levels - 1)

    def _log_code(self, number: Array) -> Array:
        low, high = log(self.low), log(self.high)
        code: Array = (np.log(np.maximum(number, TINY * self.low)) - low) / (high - low)
        return code
