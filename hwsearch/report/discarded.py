"""Candidates that broke a bound, or were predicted to, and therefore never became jobs."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch import budget
from hwsearch.budget import AtLeast
from hwsearch.experiment.settings import Settings
from hwsearch.measurements.reading import mapping, number


def not_evaluated(
    discarded: Sequence[Mapping[str, Any]],
    settings: Settings,
    jobs: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """One line per combination of bounds that candidates broke, with their number.

    Args:
        discarded: Their documents; what else has been written there by hand is not counted.
        settings: The settings of the run.
        jobs: The run's jobs. If all candidates for a job break a bound, one becomes it all the
            same, so that candidate is not counted.
    """
    points = {_text(job) for job in jobs} - {None}
    # A sweep may have discarded the same point under several budgets.
    never = {_text(one) or place: one for place, one in enumerate(discarded)}
    broken = Counter(_broken(one, settings) for text, one in never.items() if text not in points)
    lines = []
    for (names, is_certain), count in broken.most_common():
        if not names:
            continue
        side = " and ".join(
            f"{'below' if isinstance(settings.constraints[name], AtLeast) else 'over'} the {name} "
            "budget"
            for name in names
        )
        subject = "1 candidate" if count == 1 else f"{count} candidates"
        verb = "was" if count == 1 else "were"
        probably = "" if is_certain else "probably "
        lines.append(f"{subject} {probably}{side} {verb} not evaluated")
    return lines


def _text(one: Mapping[str, Any]) -> str | None:
    """A text that is the same for the same point; None if there is none."""
    point = one.get("params")
    return None if point is None else json.dumps(point, sort_keys=True, default=str)


def _broken(one: Mapping[str, Any], settings: Settings) -> tuple[tuple[str, ...], bool]:
    """The broken bounds, and whether that was computed: otherwise, it was predicted."""
    values, predictions = mapping(one.get("values")), mapping(one.get("predictions"))
    computed = {name: number(values.get(name)) for name in settings.computed_constraints}
    if names := _over(computed):
        return names, True
    return _over({name: _mean(predictions.get(name)) for name in settings.predictable}), False


def _over(margins: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(
        name for name, value in margins.items() if not math.isnan(value) and not budget.met(value)
    )


def _mean(prediction: Any) -> float:
    pair = prediction if isinstance(prediction, list | tuple) else ()
    return number(pair[0]) if len(pair) == 2 else math.nan
