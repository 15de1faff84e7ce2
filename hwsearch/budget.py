"""Budgets: the one place that turns a bound and a value into a constraint, and back.

Spearmint's constraint is met when its value is >= 0; HyperPower gives it bound - measured, and
the metric must not be above the bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping


def margin(bound: float, measured: float | None) -> float:
    """The constraint's value: what is left of the budget; NaN when there is no value."""
    return math.nan if measured is None else bound - measured


def measured(bound: float, value: float) -> float:
    """What was measured, from the constraint's value."""
    return bound - value


def met(value: float) -> bool:
    """Whether a constraint's value says that the budget is kept. NaN keeps nothing."""
    return value >= 0


def all_met(values: Mapping[str, float | None], constraints: Mapping[str, float]) -> bool:
    """Whether a job's values keep every budget."""
    return all(met(_number(values.get(name))) for name in constraints)


def broken(
    costs: Mapping[str, float], constraints: Mapping[str, float]
) -> list[tuple[str, float, float]]:
    """(metric, value, bound) of each budget that is known not to be kept."""
    return [
        (name, costs[name], bound)
        for name, bound in constraints.items()
        if name in costs and not met(margin(bound, costs[name]))
    ]


def uncertain(value: float, std_error: float, bound: float) -> bool:
    """Whether the value is too near its bound to tell: within two standard errors."""
    return not abs(bound - value) > 2 * std_error


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
