"""Budgets: the one place that converts a bound and a measured value to a constraint, and back.

A constraint of the optimiser is met if its value is >= 0. Its value is bound - measured, since a
metric must not exceed its bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping


def margin(bound: float, measured: float | None) -> float:
    """The constraint's value: what is left of the budget; NaN if nothing was measured."""
    return math.nan if measured is None else bound - measured


def measured(bound: float, value: float) -> float:
    """The measured value, from the constraint's value."""
    return bound - value


def met(value: float) -> bool:
    """Whether a constraint's value means that the budget is met; False for NaN."""
    return value >= 0


def all_met(values: Mapping[str, float | None], constraints: Mapping[str, float]) -> bool:
    """Whether a job's values meet every budget; unknown values do not."""
    return all(met(_number(values.get(name))) for name in constraints)


def broken(
    costs: Mapping[str, float], constraints: Mapping[str, float]
) -> list[tuple[str, float, float]]:
    """(metric, value, bound) of each budget that is known to be exceeded."""
    return [
        (name, costs[name], bound)
        for name, bound in constraints.items()
        if name in costs and not met(margin(bound, costs[name]))
    ]


def uncertain(value: float, std_error: float, bound: float) -> bool:
    """Whether the value is within two standard errors of its bound, or its error is unknown."""
    return not abs(bound - value) > 2 * std_error


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
