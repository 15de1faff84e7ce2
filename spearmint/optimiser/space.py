"""The search space: values of variables <-> numbers that the models compute with.

A point is a row of *codes*, one per axis; a variable of size k has k axes (`axis`). On an axis that
does not matter at a point (`conditions`), every point has the same code, that of the axis's start.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.config import Variable
from spearmint.config.options import as_option, option_key
from spearmint.errors import UserError
from spearmint.optimiser.axis import SAME, Array, Axis
from spearmint.optimiser.conditions import Conditions

__all__ = ["SAME", "Array", "Axis", "Params", "Space"]

Params = dict[str, dict[str, Any]]


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
            axes.extend(Axis.of(v))
        self.axes = tuple(axes)
        self.conditions = Conditions(variables, self.axes)

    @property
    def dimension(self) -> int:
        """Number of axes A."""
        return len(self.axes)

    @cached_property
    def cardinality(self) -> float:
        """Number of points; inf if there is a FLOAT axis without a step."""
        return self.conditions.cardinality

    @cached_property
    def floats(self) -> NDArray[np.intp]:
        """Indices of the axes that take any number between their bounds."""
        indices = [i for i, a in enumerate(self.axes) if a.levels == inf]
        return np.array(indices, dtype=np.intp)

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """Indices of the FLOAT and INT axes."""
        return np.array([i for i, a in enumerate(self.axes) if a.kind != "ENUM"], dtype=np.intp)

    @cached_property
    def discrete(self) -> NDArray[np.intp]:
        """Indices of the other axes: INT, ENUM, and FLOAT with a step."""
        indices = [i for i, a in enumerate(self.axes) if a.levels != inf]
        return np.array(indices, dtype=np.intp)

    def decode(self, codes: Array) -> Params:
        """The `params` of a job: `{name: {"type": ..., "values": [...]}}`.

        A variable that does not matter there has its start, and `"active": False`.

        Args:
            codes: One point, shape (A,).
        """
        params: Params = {}
        active = self.conditions.active(codes[None])[0].tolist()
        for axis, code, matters in zip(self.axes, codes.tolist(), active, strict=True):
            entry = params.setdefault(axis.variable, {"type": axis.kind.lower(), "values": []})
            entry["values"].append(axis.decode(code) if matters else axis.start)
            if not matters:
                entry["active"] = False
        return params

    def point(self, values: Mapping[str, Sequence[Any]]) -> Params:
        """The `params` of a job with exactly these values, by name; the others have their starts.

        Raises:
            UserError: A value is not one of its variable.
        """
        params: Params = {}
        for axis in self.axes:
            entry = params.setdefault(axis.variable, {"type": axis.kind.lower(), "values": []})
            given = values.get(axis.variable)
            here = len(entry["values"])
            entry["values"].append(axis.start if given is None else given[here])
        active = self.conditions.active(self.encode(params)[None])[0].tolist()
        return {
            axis.variable: params[axis.variable]
            if matters
            else {
                "type": axis.kind.lower(),
                "values": [a.start for a in self.axes if a.variable == axis.variable],
                "active": False,
            }
            for axis, matters in zip(self.axes, active, strict=True)
        }

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
                known = set(map(option_key, axis.options))
                unknown = {key: option for key, option in filter(None, found) if key not in known}
                axes[i] = replace(axis, options=axis.options + tuple(unknown.values()))
        if axes == list(self.axes):
            return self
        wide = Space([])
        wide.names, wide.sizes, wide.axes = self.names, self.sizes, tuple(axes)
        wide.conditions = self.conditions
        return wide

    def contains(self, codes: Array) -> NDArray[np.bool_]:
        """Which codes of a `widened` space, shape (n, A), are points of this one; shape (n,)."""
        inside = np.ones(len(codes), dtype=np.bool_)
        for i, axis in enumerate(self.axes):
            inside &= axis.has(codes[:, i])
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
        canonical: Array = self.conditions.canonical(np.array(codes)[None])[0]
        return canonical

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
        return self.conditions.canonical(codes)

    def snap(self, unit: Array) -> Array:
        """Maps rows of the unit cube to points, shape (n, A) -> codes, shape (n, A).

        Each value of an INT and each option has an equal share of [0, 1], so that uniformly
        distributed rows give uniformly distributed points.
        """
        codes = np.clip(unit, 0.0, 1.0)
        for i in self.discrete:
            codes[:, i] = self.axes[i].spread(codes[:, i])
        return self.conditions.canonical(codes)

    def round(self, codes: Array) -> Array:
        """The nearest points to codes, shape (n, A): clipped, on the lattice of the axis."""
        rounded = codes.copy()
        for i, axis in enumerate(self.axes):
            if axis.kind == "ENUM":
                rounded[:, i] = np.clip(axis.level(rounded[:, i]), 0, axis.levels - 1)
            else:
                rounded[:, i] = np.clip(rounded[:, i], 0.0, 1.0)
                if axis.levels != inf:
                    rounded[:, i] = axis.code(axis.level(rounded[:, i]))
        return self.conditions.canonical(rounded)

    def same(self, a: Array, b: Array) -> NDArray[np.bool_]:
        """Which points of `a`, shape (m, A), are among those of `b`, shape (n, A); shape (m,)."""
        if not len(b):
            return np.zeros(len(a), dtype=bool)
        close = np.ones((len(a), len(b)), dtype=bool)
        for i, axis in enumerate(self.axes):
            close &= np.abs(a[:, i, None] - b[None, :, i]) < axis.tolerance
        same: NDArray[np.bool_] = np.any(close, axis=1)
        return same

    def every_point(self) -> Iterator[tuple[float, ...]]:
        """Generates the codes of all points of a finite space."""
        return self.conditions.every_point()


def _columns(space: Space, points: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    """Generates the values of all points on each axis."""
    for name in space.names:
        rows = [params[name]["values"] for params in points]
        if any(type(row) is not list or len(row) != space.sizes[name] for row in rows):
            raise ValueError("values that are not a list of this size")
        for element in range(space.sizes[name]):
            yield [row[element] for row in rows]


def _option(params: Mapping[str, Any], name: str, position: int) -> tuple[Hashable, Any] | None:
    """The key of a value that can be an option of an ENUM, and the value; else None."""
    try:
        value = params[name]["values"][position]
        as_option(value)
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return option_key(value), value


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
