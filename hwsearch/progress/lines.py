"""What became of a job, in one line; values in the script's and the metrics' units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hwsearch.budget import AtLeast, excess
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import beside, cost, plain
from hwsearch.metrics import value_range
from hwsearch.printing import one_line, shortened
from hwsearch.progress.search import Expected
from hwsearch.report.result import Fate, Result

LONGEST_REASON = 500
#: Below this probability, the optimiser does not think that the budget can be met.
UNLIKELY = 0.05


def finished(result: Result, settings: Settings, *, best: bool, alike: int | None = None) -> str:
    """One line about a job that has ended.

    Args:
        result: The job.
        settings: Of the run.
        best: Whether it is the best network under the budget so far, or one of the Pareto front.
        alike: An earlier job that is broken for the same reason, which is not said again.
    """
    if alike is not None:
        return f"job {result.job}: broken, for the same reason as job {alike}"
    parts = [values(result.values, _errors(result, settings), settings), _verdict(result, settings)]
    if best:
        parts.append("on the Pareto front" if settings.has_front else "best so far")
    return f"job {result.job}: {': '.join(part for part in parts if part) or 'complete'}"


def values(known: Mapping[str, float], errors: Mapping[str, float], settings: Settings) -> str:
    """The optimised metrics, and each other one beside its budget; unknown ones are left out."""
    parts = []
    for name in settings.metrics:
        value = known.get(name, math.nan)
        if not math.isfinite(value):
            continue
        limit = settings.constraints.get(name)
        error = errors.get(name, math.nan)
        text = cost(name, value, error) if limit is None else beside(name, value, error, limit)
        parts.append(f"{name} {text}")
    return ", ".join(parts)


def expected(best: Expected, settings: Settings) -> str:
    """One line about the best network that the optimiser expects.

    A model's expectation may lie outside the values that a metric can have; the nearest one is
    shown.
    """
    possible = {name: _possible(name, value) for name, value in best.values.items()}
    text = f"expected best: {values(possible, best.spread, settings)}"
    if not settings.constraints or not math.isfinite(best.probability):
        return text
    if best.probability < UNLIKELY:
        return f"{text}: no network is likely to meet the budget"
    return f"{text}: meets the budget with a probability of {best.probability:.2g}"


def _possible(name: str, value: float) -> float:
    low, high = value_range(name)
    return min(max(value, low), high)


def hyperparameters(got: Mapping[str, Any]) -> list[str]:
    """A line for each hyper-parameter: its name, and what the script gets."""
    rows = [(one_line(name), one_line(plain(value))) for name, value in got.items()]
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:<{width}}  {value}" for name, value in rows]


def _errors(result: Result, settings: Settings) -> dict[str, float]:
    return {name: result.std_error(name) for name in settings.metrics}


def _verdict(result: Result, settings: Settings) -> str:
    """What became of the job; "" if it was trained and meets the budget for certain."""
    reason = shortened(result.reason, LONGEST_REASON) or "no reason recorded"
    if result.fate is Fate.BROKEN:
        return f"broken: {reason}"
    other = result.measurements.as_job
    shared = [] if other is None else [f"costs as job {other}"]
    if result.fate is Fate.REJECTED:
        return ", ".join([_side(result, settings), *shared, "not trained"])
    if result.fate in (Fate.NO_VALUE, Fate.UNMEASURED):
        return reason
    parts = []
    if result.fate is Fate.STOPPED:
        by_us = f"stopped early: {reason}"
        parts.append(by_us if result.reason else "stopped early by the script")
    if not result.feasible:
        first = ", trained before it was measured" if result.measurements.predicted else ""
        parts.append(_side(result, settings) + first)
    near = [name for name, bound in settings.constraints.items() if _is_near(result, name, bound)]
    if near:
        verb = "is" if len(near) == 1 else "are"
        parts.append(f"{' and '.join(near)} {verb} within the uncertainty of the budget")
    return ", ".join(parts + shared)


def _is_near(result: Result, name: str, bound: Any) -> bool:
    return math.isfinite(result.values.get(name, math.nan)) and result.uncertain(name, bound)


def _side(result: Result, settings: Settings) -> str:
    """On which side of its bounds a network is that does not meet them."""
    broken = [
        bound
        for name, bound in settings.constraints.items()
        if excess(bound, result.values.get(name, math.nan)) > 0
    ]
    short = broken and all(isinstance(bound, AtLeast) for bound in broken)
    return "below what is required" if short else "over the budget"
