"""The metrics that can be optimised or bounded: names, units, and which direction is better."""

from __future__ import annotations

from hwsearch.metrics.directions import KERAS_NAMES, higher_is_better
from hwsearch.metrics.ranges import range_words, value_range
from hwsearch.metrics.table import METRICS, VALIDATION, Metric, is_metric, metric

__all__ = [
    "KERAS_NAMES",
    "METRICS",
    "VALIDATION",
    "Metric",
    "higher_is_better",
    "is_metric",
    "metric",
    "range_words",
    "value_range",
]
