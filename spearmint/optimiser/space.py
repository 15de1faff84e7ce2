"""The search space: values of variables <-> numbers that the models compute with.

A point is a row of *codes*, one per axis; a variable of size k has k axes. The code of a FLOAT or
INT axis is its place between the bounds, in [0, 1] (an INT has a lattice of max - min + 1 places);
the code of an ENUM axis is the index of its option, 0, 1, 2, ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
#: Integers below this are exact as floats.
EXACT = 2.0**53


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

    def encode_all(self, values: Sequence[Any]) -> Array:
        """The codes of plain values, shape (n,), the same as `encode` gives.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: `encode` has to decide about a value.
        """
        if self.kind == "ENUM":
            # True == 1 in Python, but they are two options.
            codes = {
                (type(o) is bool, o): float(i) for i, o in reversed([*enumerate(self.options)])
            }
            return np.array([codes[type(value) is bool, value] for value in values])
        if set(map(type, values)) - {int, float}:
            raise TypeError("other types than int and float")
        numbers = np.array(values, dtype=float)
        largest = np.max(np.abs(numbers), initial=max(abs(self.low), abs(self.high)))
        if not largest < EXACT:
            raise ValueError("a number that needs exact arithmetic")
        codes_of_numbers: Array = (numbers - self.low) / (self.high - self.low)
        return codes_of_numbers


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

    def widened(self, points: Sequence[Mapping[str, Any]]) -> Space:
        """This space with the options that only some earlier points have.

        Args:
            points: The `params` of jobs, which may have been suggested for another space.

        Returns:
            A space in which the codes of this one mean the same; this one if nothing is missing.
        """
        axes, element = list(self.axes), dict.fromkeys(self.names, 0)
        for i, axis in enumerate(self.axes):
            position = element[axis.variable]
            element[axis.variable] += 1
            if axis.kind == "ENUM":
                found = (_option(params, axis.variable, position) for params in points)
                known = {(type(option) is bool, option) for option in axis.options}
                unknown = dict.fromkeys(pair for pair in found if pair and pair not in known)
                more = tuple(option for _, option in unknown)
                axes[i] = replace(axis, options=axis.options + more)
        if axes == list(self.axes):
            return self
        wide = Space([])
        wide.names, wide.sizes, wide.axes = self.names, self.sizes, tuple(axes)
        return wide

    def contains(self, codes: Array) -> NDArray[np.bool_]:
        """Which codes of a `widened` space, shape (n, A), are points of this one; shape (n,)."""
        inside = np.ones(len(codes), dtype=np.bool_)
        for i, axis in enumerate(self.axes):
            code = codes[:, i]
            if axis.kind == "ENUM":
                inside &= code < axis.levels
                continue
            inside &= (code > -SAME) & (code < 1.0 + SAME)
            if axis.kind == "INT":
                place = code * (axis.levels - 1)
                # Rounding errors grow with the number of levels.
                inside &= np.abs(place - np.rint(place)) < max(1e-6, 1e-15 * axis.levels)
        return inside

    def holds(self, params: Mapping[str, Any]) -> bool:
        """Whether the `params` of a job are a point of this space."""
        try:
            return bool(self.contains(self.encode(params)[None])[0])
        except UserError:
            return False

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

    def encode_all(self, points: Sequence[Mapping[str, Any]], place: Callable[[int], str]) -> Array:
        """The codes, shape (n, A), of the `params` of many jobs.

        Args:
            points: As `encode` takes them.
            place: What an error message calls the params with this index.

        Raises:
            UserError: As `encode` does, for the first point with an error.
        """
        codes = np.empty((len(points), self.dimension))
        try:
            for i, column in enumerate(_columns(self, points)):
                codes[:, i] = self.axes[i].encode_all(column)
        except (KeyError, IndexError, TypeError, ValueError, OverflowError):
            # Not only plain lists of numbers and options.
            for i, params in enumerate(points):
                codes[i] = self.encode(params, place(i))
        return codes

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


def _columns(space: Space, points: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    """Generates the values of all points on each axis."""
    for name in space.names:
        rows = [params[name]["values"] for params in points]
        if any(type(row) is not list or len(row) != space.sizes[name] for row in rows):
            raise ValueError("values that are not a list of this size")
        for element in range(space.sizes[name]):
            yield [row[element] for row in rows]


def _option(params: Mapping[str, Any], name: str, position: int) -> tuple[bool, Any] | None:
    """A value that can be an option of an ENUM, and whether it is a boolean; else None."""
    try:
        value = params[name]["values"][position]
    except (KeyError, IndexError, TypeError):
        return None
    if isinstance(value, bool | str) or as_number(value) is not None:
        return isinstance(value, bool), value
    return None


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
