"""Which networks' models are kept: the best ones, and those of the Pareto fronts.

Of several objectives, the front is that of the networks that meet every bound. Of several budgets,
the best network for each is kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

from hwsearch import budget
from hwsearch.budget import AtLeast
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.objectives import non_dominated
from hwsearch.experiment.settings import Settings
from hwsearch.experiment.sweep import Sweep

T = TypeVar("T")


def keeps_models(settings: Settings) -> bool:
    """Whether the models of several networks are kept."""
    return settings.keep_models is not None or settings.has_front or bool(settings.sweep)


def selected(networks: Sequence[BestNetwork], settings: Settings, most: int | None) -> set[int]:
    """The jobs whose models are kept.

    What is not among these is not among those of a larger set either, so models that are left out
    can be removed at once.

    Args:
        networks: Those that have a model, and the one that has just been trained.
        settings: The bounds, and what is optimised.
        most: How many of the best networks that meet every bound are kept; None = only the Pareto
            front of several objectives, and the best network for each budget of a sweep.
    """
    bounds = settings.constraints
    known = [one for one in networks if all(map(math.isfinite, one.rank(settings)))]
    best = [one for one in known if not one.misses(bounds)]
    best.sort(key=lambda one: one.order(settings))
    jobs = {one.job for one in best[: most or 0]}
    if settings.has_front:
        jobs |= {best[place].job for place in non_dominated([one.rank(settings) for one in best])}
    sweep = Sweep.of(settings)
    for swept in () if sweep is None else ({sweep.metric: bound} for bound in sweep.bounds):
        under = [one for one in known if not one.misses(bounds | swept)]
        jobs |= {one.job for one in sorted(under, key=lambda one: one.order(settings))[:1]}
    if most is None:
        return jobs
    for name, bound in bounds.items():
        points = [
            (
                budget.minimised(one.objective, settings.maximize),
                budget.minimised(one.metrics[name].value, isinstance(bound, AtLeast)),
                one.job,
            )
            for one in known
            if name in one.metrics and math.isfinite(one.metrics[name].value)
        ]
        jobs |= set(front(points))
    return jobs


def front(points: Iterable[tuple[float, float, T]]) -> list[T]:
    """The Pareto front of points with an objective and a cost, both minimised.

    No other point is at least as good as one on the front in both, and better in one; equal ones
    are all on it.

    Args:
        points: Objective, cost, and what has them.

    Returns:
        What is on the front, the best objective first.
    """
    found: list[T] = []
    least, at = math.inf, math.inf  # the least cost so far, and the objective that has it
    for objective, cost, owner in sorted(points, key=lambda point: point[:2]):
        if cost < least or (cost == least and objective == at):
            found.append(owner)
            least, at = cost, objective
    return found
