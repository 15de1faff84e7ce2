"""The columns of a run's table: each metric with its unit, its direction and its bound."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from hwsearch import budget
from hwsearch.budget import AtLeast, Bound
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import UNKNOWN, condition, cost
from hwsearch.metrics import METRICS, higher_is_better, metric


@dataclass(frozen=True, slots=True)
class Column:
    """One metric of a run, or one task of an experiment of Spearmint's own form.

    Attributes:
        name: The metric's or task's name.
        unit: That of the values in the table; "" if they have none.
        objective: Whether it is optimised.
        bound: What a value must not exceed, or must reach; None without a bound.
        maximised: Whether more is better, as far as there is a direction.
        is_task: Whether it is a task whose values are plain numbers.
    """

    name: str
    unit: str = ""
    objective: bool = False
    bound: Bound | None = None
    maximised: bool = False
    is_task: bool = False

    def shown(self, value: float, std_error: float = math.nan) -> str:
        """A value with its standard error and unit, for people."""
        if not self.is_task:
            return cost(self.name, value, std_error)
        return f"{value:.6g}" if math.isfinite(value) else UNKNOWN

    @property
    def condition(self) -> str:
        """What the bound asks for: "below 85 W", "at least 0"; "" without a bound."""
        if self.bound is None:
            return ""
        if self.is_task:
            words = "at least" if isinstance(self.bound, AtLeast) else "below"
            return f"{words} {budget.limit(self.bound):g}"
        return condition(self.name, self.bound)

    def met(self, value: float) -> bool:
        """Whether a value meets the bound; unknown values do not, without a bound all others do."""
        if self.bound is None:
            return not math.isnan(value)
        return budget.met(budget.margin(self.bound, value))

    def minimised(self, value: float) -> float:
        """The value so that less is better: negated if more of the metric is better."""
        return budget.minimised(value, self.maximised)


def of_settings(settings: Settings, measured: Iterable[str] = ()) -> tuple[Column, ...]:
    """The columns of a run of HyperPower.

    Args:
        settings: Its settings.
        measured: Names of all metrics that its networks have.

    Returns:
        The optimised metrics, those with bounds, the others in the order of the metrics' table.
    """
    columns = [
        Column(one.name, metric(one.name).unit, objective=True, maximised=one.maximised)
        for one in settings.objectives
    ]
    columns += [
        Column(name, metric(name).unit, bound=bound, maximised=isinstance(bound, AtLeast))
        for name, bound in settings.constraints.items()
    ]
    named = set(settings.metrics)
    others = set(measured) - named
    order = [name for name in METRICS if name in others] + sorted(others - set(METRICS))
    columns += [
        Column(name, metric(name).unit, maximised=higher_is_better(name) is True) for name in order
    ]
    return tuple(columns)


def of_task(name: str, *, objective: bool, negated: bool = False, outcome: bool = False) -> Column:
    """The column of one task of an experiment of Spearmint's own form.

    Args:
        name: The task.
        objective: Whether it is minimised; if not, it must be 0 or more.
        negated: Whether the stored value is the negative of what people want to read.
        outcome: Whether its values are 1 (met) or 0 (not met).
    """
    if objective:
        return Column(name, objective=True, maximised=negated, is_task=True)
    return Column(name, bound=AtLeast(float(outcome)), maximised=True, is_task=True)
