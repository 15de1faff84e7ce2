"""The text alternative of each plot: what it shows, in words and numbers."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch import formatting
from hwsearch.experiment.objectives import listed
from hwsearch.printing import one_line
from hwsearch.report.budgets import budgets
from hwsearch.report.columns import Column
from hwsearch.report.hypervolume import shares
from hwsearch.report.row import Row
from hwsearch.report.run_table import RunTable

#: Hyper-parameters, and jobs of a front, that a caption names.
MOST_NAMED, MOST_FRONT = 3, 10


def headline(table: RunTable) -> str:
    """The answer of the run in one sentence."""
    words = listed(
        [f"{'highest' if c.maximised else 'lowest'} {one_line(c.name)}" for c in table.objectives]
    )
    bounds = [f"{one_line(c.name)} {c.condition}" for c in table.bounded]
    goal = words + (f" with {', '.join(bounds)}" if bounds else "")
    found = budgets(table)
    if found:
        parts = [
            f"{one_line(column.name)} {column.condition}: "
            + ("none" if row is None else f"job {row.job}, {row.shown(table.objective)}")
            for column, row in found
        ]
        return f"Goal: {words} for each budget. Best with {'; '.join(parts)}."
    best = next(iter(table.best(1)), None)
    if best is None:
        return f"Goal: {goal}. No job has met the budget so far."
    if table.has_front:
        jobs = _jobs(table.best(None))
        return f"Goal: {goal}. On the Pareto front: {jobs}."
    names = [table.objective, *table.bounded]
    values = ", ".join(f"{one_line(c.name)} {best.shown(c)}" for c in names)
    return f"Goal: {goal}. Best: job {best.job}: {values}."


def counted(table: RunTable) -> str:
    """How many jobs became what."""
    states = Counter(str(row.state) for row in table.rows)
    parts = ", ".join(f"{count} {state}" for state, count in states.most_common())
    count = len(table.rows)
    return f"{formatting.counted(count, 'job')}: {parts}" if count else "no jobs yet"


def cost(table: RunTable, column: Column) -> str:
    """The plot of the objective against a metric."""
    objective = table.objective
    both = [
        row
        for row in table.rows
        if math.isfinite(row.value(column)) and math.isfinite(row.value(objective))
    ]
    text = (
        f"Each job's {one_line(objective.name)} against its {one_line(column.name)}: "
        f"{formatting.counted(len(both), 'job')} {'has' if len(both) == 1 else 'have'} both."
    )
    if column.bound is not None:
        missing = len(table.over(column))
        text += f" Budget: {column.condition}; {formatting.counted(missing, 'job')} "
        text += "misses it." if missing == 1 else "miss it."
    front = table.best(None) if column.objective else table.front(column)
    if front:
        text += f" Pareto front, from the best {one_line(objective.name)}: {_jobs(front)}."
    return text


def _jobs(rows: Sequence[Row]) -> str:
    """The jobs of a front."""
    return formatting.jobs([row.job for row in rows], MOST_FRONT)


def progress(table: RunTable) -> str:
    """The plots of the best objective so far."""
    bests = [(n, best) for n, (_, best) in enumerate(table.progress(), start=1) if best is not None]
    if not bests:
        return "No job has met the budget so far."
    if table.has_front:
        return _front_progress(table)
    changes = [bests[0], *(b for a, b in itertools.pairwise(bests) if a[1] is not b[1])]
    steps = ", ".join(f"{row.shown(table.objective)} at job {row.job}" for _, row in changes[-5:])
    return (
        f"The best {one_line(table.objective.name)} under the budget changed "
        f"{formatting.counted(len(changes) - 1, 'time')}; the last values: {steps}."
    )


def _front_progress(table: RunTable) -> str:
    found = shares(table)
    steps = [
        f"{_percent(found[count - 1] or 0.0)} after {formatting.counted(count, 'job')}"
        for count in sorted({len(found) // 4, len(found) // 2, 3 * len(found) // 4} - {0})
    ]
    return (
        "The hypervolume of the Pareto front, as a share of its value after the last job: "
        f"{', '.join(steps) or 'all of it since the first job'}."
    )


def importance(model: Mapping[str, Any]) -> str:
    """The plot of a metric's Sobol indices."""
    entries: Sequence[Mapping[str, Any]] = model["importance"]
    parts = [
        f"{one_line(e['name'])} {_percent(e['total'][1])} "
        f"({_percent(e['total'][0])} to {_percent(e['total'][2])})"
        for e in entries[:MOST_NAMED]
    ]
    return (
        f"What matters most for {one_line(model['name'])}, as a share of its variance, with the "
        f"90 % interval: {'; '.join(parts)}."
    )


def fit(model: Mapping[str, Any]) -> str:
    """The plot of predictions."""
    found = model["fit"]
    count = len(found["measured"])
    text = f"The {one_line(model['name'])} of {formatting.counted(count, 'job')}, "
    text += "each predicted from the others: "
    if found["explained"] is not None:
        share = _percent(max(found["explained"], 0.0))
        text += f"the predictions explain {share} of the variance on the model's scale; "
    return text + f"{found['inside']} of {count} measured values are inside their 90 % interval."


def slices(model: Mapping[str, Any], better: str) -> str:
    """The plots along the hyper-parameters.

    Args:
        model: A model of the page.
        better: "highest" or "lowest".
    """
    pick = max if better == "highest" else min
    parts = []
    for entry in model["slices"]:
        known = [
            (median, value)
            for median, value in zip(entry["median"], entry["values"], strict=True)
            if median is not None
        ]
        if known:
            value = pick(known, key=lambda pair: pair[0])[1]
            shown = f"{value:.4g}" if isinstance(value, float) else one_line(value)
            parts.append(f"{one_line(entry['name'])} {shown}")
    return (
        f"Expected {one_line(model['name'])} along each hyper-parameter, the others as in the best "
        f"job; it is {better} at {', '.join(parts) or 'an unknown value'}."
    )


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.0f} %"
