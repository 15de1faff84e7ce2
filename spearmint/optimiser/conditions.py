"""Conditional axes: which axes of a point matter.

Points that differ only on axes that do not matter are the same point. There is one *canonical* row
of codes for them, in which such axes have the code of their start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from graphlib import TopologicalSorter
from itertools import count, product
from math import inf, prod

import numpy as np
from numpy.typing import NDArray

from spearmint.config import Variable
from spearmint.optimiser.axis import Array, Axis

#: With more combinations of conditions than this, the points are not counted.
MOST_COMBINATIONS = 100_000


class Conditions:
    """The conditions of all axes; without any, nothing below changes a code.

    Args:
        variables: All variables, without circles in their `when`.
        axes: Their axes, in the same order.
    """

    def __init__(self, variables: Sequence[Variable], axes: Sequence[Axis]) -> None:
        self.axes = tuple(axes)
        place: dict[str, int] = {}
        for i, axis in enumerate(axes):
            place.setdefault(axis.variable, i)
        #: By conditional axis: the axes that it depends on, and their levels at which it matters.
        self.when: dict[int, list[tuple[int, Array]]] = {}
        graph = {v.name: [name for name, _ in v.when] for v in variables}
        by_name = {v.name: v for v in variables}
        for name in TopologicalSorter(graph).static_order():
            v = by_name[name]
            if v.when:
                parents = [
                    (place[other], _levels(axes[place[other]], values)) for other, values in v.when
                ]
                for i in range(place[name], place[name] + v.size):
                    self.when[i] = parents

    def __bool__(self) -> bool:
        return bool(self.when)

    @cached_property
    def start(self) -> Array:
        """The codes of the starts, shape (A,)."""
        return np.array([axis.encode(axis.start) for axis in self.axes])

    def active(self, codes: Array) -> NDArray[np.bool_]:
        """Which axes matter at points, shape (n, A) -> (n, A)."""
        active = np.ones(codes.shape, dtype=np.bool_)
        for i, parents in self.when.items():  # parents come before what depends on them
            for parent, levels in parents:
                level = self.axes[parent].level(codes[:, parent])
                active[:, i] &= active[:, parent] & np.isin(level, levels)
        return active

    def canonical(self, codes: Array) -> Array:
        """The canonical codes of points, shape (n, A): `codes` themselves if all axes matter."""
        if not self.when:
            return codes
        return np.where(self.active(codes), codes, self.start)

    @cached_property
    def cardinality(self) -> float:
        """Number of different points; an upper limit if there are very many conditions."""
        levels = [axis.levels for axis in self.axes]
        every: float = 1
        for number in levels:
            every *= number
        if not self.when or every == inf:
            return every
        classes = self._classes()
        if prod(len(members) for members in classes.values()) > MOST_COMBINATIONS:
            return every
        total: float = 0
        for choice in product(*classes.values()):
            row, sizes = self.start.copy(), list(levels)
            for i, (code, size) in zip(classes, choice, strict=True):
                row[i], sizes[i] = code, size
            active = self.active(row[None])[0]
            # Of an axis that does not matter, only the start counts.
            if np.all(active | (row == self.start)):
                total += prod(sizes[i] for i in np.flatnonzero(active).tolist())
        return total

    def _classes(self) -> dict[int, list[tuple[float, float]]]:
        """By axis on which others depend: one code, and the number, of its equivalent levels.

        Equivalent levels meet the same conditions. The start represents the levels like it.
        """
        conditions: dict[int, list[set[float]]] = {}
        for parents in self.when.values():
            for parent, levels in parents:
                conditions.setdefault(parent, []).append(set(levels.tolist()))
        return {parent: self._equivalent(parent, sets) for parent, sets in conditions.items()}

    def _equivalent(self, parent: int, conditions: list[set[float]]) -> list[tuple[float, float]]:
        axis, named = self.axes[parent], set[float]().union(*conditions)

        def key(level: float) -> tuple[bool, ...]:
            return tuple(level in condition for condition in conditions)

        start = float(axis.level(self.start)[parent])
        unnamed = next(float(k) for k in count() if float(k) not in named)
        sizes = Counter(map(key, named))
        sizes[key(unnamed)] += int(axis.levels) - len(named)
        first: dict[tuple[bool, ...], float] = {}
        for level in (start, *sorted(named), unnamed):
            first.setdefault(key(level), level)
        codes = axis.code(np.array(list(first.values())))
        codes[0] = self.start[parent]
        return [
            (code, sizes[each])
            for each, code in zip(first, codes.tolist(), strict=True)
            if sizes[each]
        ]

    def every_point(self) -> Iterator[tuple[float, ...]]:
        """Generates the canonical codes of all points of a finite space."""
        codes = [axis.code(np.arange(axis.levels)).tolist() for axis in self.axes]
        if not self.when:
            yield from product(*codes)
            return
        order = [i for i in range(len(self.axes)) if i not in self.when] + list(self.when)
        yield from self._points(self.start.copy(), order, codes)

    def _points(
        self, row: Array, order: Sequence[int], codes: Sequence[Sequence[float]]
    ) -> Iterator[tuple[float, ...]]:
        """All points with the codes of `row` on the axes that are not in `order`."""
        if not order:
            yield tuple(row.tolist())
            return
        i, rest = order[0], order[1:]
        for code in codes[i] if self.active(row[None])[0, i] else [float(self.start[i])]:
            moved = row.copy()
            moved[i] = code
            yield from self._points(moved, rest, codes)


def _levels(axis: Axis, values: Sequence[object]) -> Array:
    """The levels of values."""
    return axis.level(np.array([axis.encode(value) for value in values]))
