"""What a run searched for, from its job documents alone: its folder may be on another machine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hwsearch.budget import AtLeast, Bound, from_json
from hwsearch.errors import UserError
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements
from hwsearch.measurements.reading import items, mapping, number, text
from hwsearch.metrics import higher_is_better, is_metric

Job = Mapping[str, Any]
#: A bound is computed from a difference: digits that its rounding leaves intact.
DIGITS = 10


def task_names(jobs: Sequence[Job]) -> tuple[str, ...]:
    """The tasks of a run, the objective first, as far as its documents name them."""
    for job in reversed(jobs):
        named = items(job.get("tasks"), lambda entry: text(entry) or None)
        if named:
            return named
    stored = (mapping(job.get("values")) for job in jobs)
    names = dict.fromkeys(str(name) for values in stored for name in values)
    return tuple(names) or ("main",)


def settings(run: str, jobs: Sequence[Job]) -> Settings | None:
    """What can be told of the settings of a run of HyperPower: objectives and bounds.

    A job keeps what was measured beside what the optimiser got, which is bound - measured (or
    measured - bound for a lower bound), and minus the objective if that is maximised.

    Args:
        run: The run's name.
        jobs: Its job documents.

    Returns:
        None if it is not a run of HyperPower, or if a bound cannot be told.
    """
    objective, *bounded = task_names(jobs)
    if not all(map(is_metric, (objective, *bounded))):
        return None
    pairs = {name: list(_pairs(name, jobs)) for name in (objective, *bounded)}
    bounds: dict[str, Bound] = {}
    named = next((mapping(job["bounds"]) for job in reversed(jobs) if job.get("bounds")), {})
    further: dict[str, bool] = {}
    for name in bounded:
        direction = None if name in named else _direction(pairs[name])
        if direction is not None:
            further[name] = direction
            continue
        bound = _written(named.get(name)) or _told(name, pairs[name])
        if bound is None:
            return None
        bounds[name] = bound
    if not any(pairs.values()):
        return None
    maximize = any(stored == -measured != 0 for measured, stored in pairs[objective])
    try:
        found = Settings(run, objective, bounds, maximize=maximize, further_objectives=further)
        return Settings.from_json(found.to_json())
    except UserError:  # a name or a bound that no run of HyperPower has
        return None


def _pairs(name: str, jobs: Iterable[Job]) -> Iterator[tuple[float, float]]:
    """What was measured, and what the optimiser got for it."""
    for job in jobs:
        measured = Measurements.of_job(job).metrics.get(name)
        stored = number(mapping(job.get("values")).get(name))
        if measured is not None and math.isfinite(measured.value) and math.isfinite(stored):
            yield measured.value, stored


def _direction(pairs: Sequence[tuple[float, float]]) -> bool | None:
    """Whether a further objective is maximised; None if the task is a bounded metric.

    What the optimiser got of an objective is what was measured, or minus that.
    """
    known = [pair for pair in pairs if pair[0]]
    for sign in (1, -1):
        if known and all(stored == sign * measured for measured, stored in known):
            return sign < 0
    return None


def _written(entry: Any) -> Bound | None:
    try:
        return from_json(entry)
    except ValueError:
        return None


def _told(name: str, pairs: Sequence[tuple[float, float]]) -> Bound | None:
    """The bound that fits all pairs; None if none does."""
    if not pairs:
        return None
    upper = [stored + measured for measured, stored in pairs]
    lower = [measured - stored for measured, stored in pairs]
    upper_fits, lower_fits = map(_are_equal, (upper, lower))
    if upper_fits and lower_fits:  # all networks have the same value
        upper_fits = not higher_is_better(name)
    if upper_fits:
        return _rounded(upper[0])
    return AtLeast(_rounded(lower[0])) if lower_fits else None


def _are_equal(values: Sequence[float]) -> bool:
    return all(math.isclose(value, values[0], rel_tol=1e-6, abs_tol=1e-15) for value in values)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
