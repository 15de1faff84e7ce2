"""Budgets: the one place that converts a bound and a measured value to a constraint, and back.

A constraint of the optimiser is met if its value is >= 0. Its value is bound - measured for a
metric that must not exceed its bound, and measured - bound for one that must reach it. The
optimiser minimises: an objective of which more is better is negated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A bound that a metric must reach, in the metric's unit."""

    value: float

    def __str__(self) -> str:
        return f">= {self.value!r}"


#: A bound on a metric, in its unit; a number is what the metric must not exceed.
Bound = float | AtLeast


def from_json(entry: Any) -> Bound:
    """A bound as settings.json keeps it: a number, or ">= NUMBER".

    Raises:
        ValueError: It is neither, or not finite.
    """
    bound: Bound
    if isinstance(entry, str):
        sign, _, number = entry.partition(" ")
        if sign != ">=":
            raise ValueError(entry)
        bound = AtLeast(float(number))
    elif isinstance(entry, int | float) and not isinstance(entry, bool):
        bound = entry
    else:
        raise ValueError(entry)
    if not abs(limit(bound)) < 1e308:
        raise ValueError(entry)
    return bound


def to_json(bound: Bound) -> float | str:
    """The form that `from_json` reads."""
    return str(bound) if isinstance(bound, AtLeast) else bound


def limit(bound: Bound) -> float:
    """The bound's number."""
    return bound.value if isinstance(bound, AtLeast) else bound


def is_unknown(bound: Bound) -> bool:
    """Whether the bound is still to be determined."""
    return math.isnan(limit(bound))


def margin(bound: Bound, measured: float | None) -> float:
    """The constraint's value: what is left of the budget; NaN if nothing was measured."""
    if measured is None:
        return math.nan
    return measured - bound.value if isinstance(bound, AtLeast) else bound - measured


def measured(bound: Bound, value: float) -> float:
    """The measured value, from the constraint's value."""
    return bound.value + value if isinstance(bound, AtLeast) else bound - value


def excess(bound: Bound, value: float) -> float:
    """How far a measured value is on the wrong side of its bound, as a share of the bound.

    The difference itself if the bound is 0; negative if the bound is met.
    """
    return -margin(bound, value) / (abs(limit(bound)) or 1.0)


def nearest(values: Mapping[str, float], constraints: Mapping[str, Bound]) -> float:
    """The largest `excess` over the bounds: of networks that are as good, less is better.

    Args:
        values: By metric; an unknown one is the worst.
        constraints: The bounds; -inf without any.
    """
    found = (excess(bound, values.get(name, math.nan)) for name, bound in constraints.items())
    return max((math.inf if math.isnan(one) else one for one in found), default=-math.inf)


def minimised(value: float, maximize: bool) -> float:
    """What the optimiser minimises, from the objective's value; and the other way round."""
    return -value if maximize else value


def met(value: float) -> bool:
    """Whether a constraint's value means that the budget is met; False for NaN."""
    return value >= 0


def all_met(values: Mapping[str, float | None], constraints: Mapping[str, Bound]) -> bool:
    """Whether a job's values meet every budget; unknown values do not."""
    return all(met(_number(values.get(name))) for name in constraints)


def broken(
    costs: Mapping[str, float], constraints: Mapping[str, Bound]
) -> list[tuple[str, float, Bound]]:
    """(metric, value, bound) of each budget that is known to be exceeded."""
    return [
        (name, costs[name], bound)
        for name, bound in constraints.items()
        if name in costs and not met(margin(bound, costs[name]))
    ]


def uncertain(value: float, std_error: float, bound: Bound) -> bool:
    """Whether the value is within two standard errors of its bound, or its error is unknown."""
    return not abs(limit(bound) - value) > 2 * std_error


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
