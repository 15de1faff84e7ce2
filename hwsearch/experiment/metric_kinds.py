"""Kinds of settings that name metrics: what is optimised, and bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hwsearch import budget
from hwsearch.command_line import kinds
from hwsearch.errors import did_you_mean
from hwsearch.metrics import KERAS_NAMES, METRICS, VALIDATION, is_metric, metric

METRIC = kinds.Kind(
    f"one of {', '.join(METRICS)}, or {VALIDATION}NAME: a metric that the compiled model reports",
    is_metric,
    choices=(*METRICS, *KERAS_NAMES),
)


def unknown(flag: str, name: str) -> str:
    """The fault of a flag that names something else than a metric."""
    hint = did_you_mean(name, METRIC.choices)
    return f"{flag}: got {name!r}; expected {METRIC.expected}{hint}"


#: For flags: names with commas between them; what they name is checked one by one.
METRIC_LIST = kinds.Kind(
    METRIC.expected,
    lambda value: isinstance(value, tuple),
    read=lambda text: tuple(name.strip() for name in text.split(",")),
)


def _by_metric(expected: str, accepts: Callable[[str, Any], bool]) -> kinds.Kind:
    return kinds.Kind(
        f"{expected} by metric",
        lambda value: (
            isinstance(value, Mapping)
            and all(is_metric(name) for name in value)
            and all(accepts(name, number) for name, number in value.items())
        ),
    )


def is_bound(name: str, entry: Any) -> bool:
    """Whether settings.json may keep this as the bound of a metric."""
    try:
        bound = budget.from_json(entry)
    except ValueError:
        return False
    return metric(name).signed or budget.limit(bound) > 0


BOUNDS = _by_metric("bounds above 0", is_bound)
FORMER_BOUNDS = kinds.Kind(
    f"a list of {BOUNDS.expected}",
    lambda value: isinstance(value, list) and all(map(BOUNDS.accepts, value)),
)
SHARES = _by_metric(
    "percentages between 0 and 100", lambda _name, value: kinds.PERCENTAGE.accepts(value)
)
SWEEP = _by_metric(
    "lists of at least two bounds",
    lambda name, value: (
        isinstance(value, list) and len(value) > 1 and all(is_bound(name, one) for one in value)
    ),
)
DIRECTIONS = _by_metric("true or false", lambda _name, value: isinstance(value, bool))
