"""Candidates that broke a computed bound and therefore never became jobs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch import budget
from hwsearch.budget import AtLeast
from hwsearch.experiment.settings import Settings
from hwsearch.measurements.reading import mapping, number


def not_evaluated(discarded: Sequence[Mapping[str, Any]], settings: Settings) -> list[str]:
    """One line per combination of bounds that candidates broke, with their number.

    Args:
        discarded: Their documents; what else has been written there by hand is not counted.
        settings: The settings of the run.
    """
    broken = Counter(_broken(mapping(one.get("values")), settings) for one in discarded)
    del broken[()]
    lines = []
    for names, count in broken.most_common():
        side = " and ".join(
            f"{'below' if isinstance(settings.constraints[name], AtLeast) else 'over'} the {name} "
            "budget"
            for name in names
        )
        subject = "1 candidate" if count == 1 else f"{count} candidates"
        lines.append(f"{subject} {side} {'was' if count == 1 else 'were'} not evaluated")
    return lines


def _broken(values: Mapping[str, Any], settings: Settings) -> tuple[str, ...]:
    known = {name: number(values.get(name)) for name in settings.computed_constraints}
    return tuple(
        name for name, value in known.items() if not math.isnan(value) and not budget.met(value)
    )
