"""Bounds so far above what networks cost that they exclude none, such as those of the 2018 tool."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hwsearch.budget import AtLeast
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import bound as shown_bound
from hwsearch.formatting import cost
from hwsearch.metrics import metric
from hwsearch.report.result import Result

#: A bound is loose if no network comes within this factor of it ...
FACTOR = 100
#: ... of at least so many that were measured.
LEAST_NETWORKS = 3
#: Metrics whose values included a second of sleep in the 2018 tool.
OLD_MEANING = ("runtime", "energy")


def loose_bounds(settings: Settings, results: Sequence[Result]) -> list[str]:
    """One line for each bound that no network has come near."""
    lines = []
    for name, bound in _upper_bounds(settings).items():
        costs = _costs(name, results)
        if len(costs) < LEAST_NETWORKS or not FACTOR * max(costs) < bound:
            continue
        line = (
            f"note: {name}: the largest of {len(costs)} networks has {cost(name, max(costs))}, "
            f"less than a hundredth of the bound, {shown_bound(name, bound)}, which excludes none "
            "of them"
        )
        if not metric(name).after_training:
            line += "; --constraint_val 33% finds a bound for this machine"
        if name in OLD_MEANING:
            line += f"; in the 2018 tool, {name} had another meaning: docs/from-2018.md"
        lines.append(line)
    return lines


def may_be_loose(settings: Settings, results: Sequence[Result]) -> bool:
    """Whether there is still a bound that no network has come near, however few were measured."""
    return any(
        not any(FACTOR * value >= bound for value in _costs(name, results))
        for name, bound in _upper_bounds(settings).items()
    )


def _upper_bounds(settings: Settings) -> dict[str, float]:
    """The bounds of costs; the error is none, and a metric that must be reached has no budget."""
    return {
        name: bound
        for name, bound in settings.constraints.items()
        if not isinstance(bound, AtLeast) and not metric(name).is_quality
    }


def _costs(name: str, results: Sequence[Result]) -> list[float]:
    """What the networks cost, as far as it is known."""
    values = (result.values.get(name, math.nan) for result in results)
    return [value for value in values if math.isfinite(value)]
