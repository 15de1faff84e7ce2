"""The search space: values of variables <-> numbers that the models compute with.

A point is a row of *codes*, one per axis; a variable of size k has k axes. The code of a FLOAT or
INT axis is its place between the bounds, in [0, 1] (an INT has a lattice of max - min + 1 places);
the code of an ENUM axis is the index of its option, 0, 1, 2, ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.config import Variable
from spearmint.config.reader import as_number
from spearmint.errors import UserError

Array = NDArray[np.float64]
Params = dict[str, dict[str, Any]]

#: Two FLOAT codes closer than this are the same point.
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Axis:
    """One element of a variable."""

    variable: str
    kind: str
    low: float | int = 0
    high: float | int = 0
    options: tuple[Any, ...] = ()

    @property
    def levels(self) -> float:
        """Number of values that the axis can take; inf for FLOAT."""
        if self.kind == "FLOAT":
            return inf
        return len(self.options) if self.kind == "ENUM" else int(self.high) - int(self.low) + 1

    def decode(self, code: float) -> Any:
        """The value of a code, within the bounds, as a plain Python value."""
        if self.kind == "ENUM":
            return self.options[int(code)]
        if self.kind == "INT":
            return int(self.low) + round(min(max(code, 0.0), 1.0) * (self.high - self.low))
        value = self.low * (1.0 - code) + self.high * code
        return float(min(max(value, self.low), self.high))

    def encode(self, value: Any) -> float:
        """The code of a value.

        Raises:
            ValueError: The axis cannot take this value; the text says what it can take.
        """
        if self.kind == "ENUM":
            for code, option in enumerate(self.options):
                # True == 1 in Python, but they are two options.
                if option == value and isinstance(option, bool) == isinstance(value, bool):
                    return float(code)
            raise ValueError(f"one of {list(self.options)}")
        number = as_number(value)
        if number is None:
            raise ValueError("a finite number")
        if isfinite(self.high - self.low):
            return float((number - self.low) / (self.high - self.low))
        return float((number / 2 - self.low / 2) / (self.high / 2 - self.low / 2))


class Space:
    """The axes of all variables, in the order of config.json.

    Args:
        variables: At least one.
    """

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.names = tuple(variable.name for variable in variables)
        self.sizes = {variable.name: variable.size for variable in variables}
        axes: list[Axis] = []
        for v in variables:
            axes.extend([Axis(v.name, v.kind, v.low, v.high, v.options)] * v.size)
        self.axes = tuple(axes)

    @property
    def dimension(self) -> int:
        """Number of axes A."""
        return len(self.axes)

    @cached_property
    def cardinality(self) -> float:
        """Number of points; inf if there is a FLOAT axis."""
        count: float = 1
        for axis in self.axes:
            count *= axis.levels
        return count

    @cached_property
    def floats(self) -> NDArray[np.intp]:
        """Indices of the FLOAT axes."""
        return np.array([i for i, a in enumerate(self.axes) if a.kind == "FLOAT"], dtype=np.intp)

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """Indices of the FLOAT and INT axes."""
        return np.array([i for i, a in enumerate(self.axes) if a.kind != "ENUM"], dtype=np.intp)

    @cached_property
    def discrete(self) -> NDArray[np.intp]:
        """Indices of the INT and ENUM axes."""
        return np.array([i for i, a in enumerate(self.axes) if a.kind != "FLOAT"], dtype=np.intp)

    def decode(self, codes: Array) -> Params:
        """The `params` of a job: `{name: {"type": ..., "values": [...]}}`.

        Args:
            codes: One point, shape (A,).
        """
        params: Params = {}
        for axis, code in zip(self.axes, codes.tolist(), strict=True):
            entry = params.setdefault(axis.variable, {"type": axis.kind.lower(), "values": []})
            entry["values"].append(axis.decode(code))
        return params

    def encode(self, params: Mapping[str, Any], place: str = "params") -> Array:
        """The codes, shape (A,), of a job's `params`.

        Args:
            params: `{name: {"values": [...]}}`, in any order.
            place: What an error message calls these params.

        Raises:
            UserError: A variable is missing, or it cannot take one of the values.
        """
        codes: list[float] = []
        axes = iter(self.axes)
        for name in self.names:
            values = _values(params, name, self.sizes[name], place)
            for value, axis in zip(values, axes, strict=False):
                try:
                    codes.append(axis.encode(value))
                except ValueError as error:
                    raise UserError(
                        f"{place}: variable {name!r}: got {value!r}; expected {error}"
                    ) from None
        return np.array(codes)

    def snap(self, unit: Array) -> Array:
        """Maps rows of the unit cube to points, shape (n, A) -> codes, shape (n, A).

        Each value of an INT and each option has an equal share of [0, 1], so that uniformly
        distributed rows give uniformly distributed points.
        """
        codes = np.clip(unit, 0.0, 1.0)
        for i in self.discrete:
            axis = self.axes[i]
            number = np.minimum(np.floor(codes[:, i] * axis.levels), axis.levels - 1)
            codes[:, i] = number if axis.kind == "ENUM" else number / (axis.levels - 1)
        return codes

    def round(self, codes: Array) -> Array:
        """The nearest points to codes, shape (n, A): clipped, INT on the lattice."""
        rounded = codes.copy()
        for i, axis in enumerate(self.axes):
            top = axis.levels - 1
            if axis.kind == "ENUM":
                rounded[:, i] = np.clip(np.rint(rounded[:, i]), 0, top)
            else:
                rounded[:, i] = np.clip(rounded[:, i], 0.0, 1.0)
                if axis.kind == "INT":
                    rounded[:, i] = np.rint(rounded[:, i] * top) / top
        return rounded

    def same(self, a: Array, b: Array) -> NDArray[np.bool_]:
        """Which points of `a`, shape (m, A), are among those of `b`, shape (n, A); shape (m,)."""
        if not len(b):
            return np.zeros(len(a), dtype=bool)
        close = np.ones((len(a), len(b)), dtype=bool)
        for i, axis in enumerate(self.axes):
            tolerance = SAME if axis.kind == "FLOAT" else 0.5 / max(axis.levels - 1, 1)
            if axis.kind == "ENUM":
                tolerance = 0.5
            close &= np.abs(a[:, i, None] - b[None, :, i]) < tolerance
        same: NDArray[np.bool_] = np.any(close, axis=1)
        return same

    def every_point(self) -> Iterator[tuple[float, ...]]:
        """Generates the codes of all points of a finite space."""
        codes = []
        for axis in self.axes:
            top = axis.levels - 1
            scale = 1.0 if axis.kind == "ENUM" else max(top, 1)
            codes.append([level / scale for level in range(int(axis.levels))])
        return product(*codes)


def _values(params: Mapping[str, Any], name: str, size: int, place: str) -> Sequence[Any]:
    entry = params.get(name)
    if entry is None:
        raise UserError(f"{place}: no variable {name!r}; found {sorted(params)}")
    values = entry["values"] if isinstance(entry, Mapping) and "values" in entry else entry
    if isinstance(values, np.ndarray):
        values = values.ravel().tolist()
    if not isinstance(values, list | tuple) or len(values) != size:
        raise UserError(f"{place}: variable {name!r}: got {values!r}; expected a list of {size}")
    return values
