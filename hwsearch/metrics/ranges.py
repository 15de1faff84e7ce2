"""Which values a metric can have, as far as its name says so."""

from __future__ import annotations

import math

from hwsearch.metrics.directions import CORRELATIONS, SHARES, word
from hwsearch.metrics.table import METRICS

#: Kinds of accuracy, whose names are known whole only here.
_ACCURACIES = (
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
)
_RANGES = {
    **dict.fromkeys((*SHARES, *_ACCURACIES), (0.0, 1.0)),
    **dict.fromkeys(CORRELATIONS, (-1.0, 1.0)),
    "r2_score": (-math.inf, 1.0),
}


def value_range(name: str) -> tuple[float, float]:
    """The lowest and the highest value that a metric can have; infinite if its name is not known.

    Only whole names of Keras count: what a script calls `val_my_accuracy` may be anything.

    >>> value_range("val_accuracy"), value_range("error"), value_range("val_dice")
    ((0.0, 1.0), (0.0, 100.0), (-inf, inf))
    """
    if name in METRICS:
        return 0.0, METRICS[name].upper_limit
    return _RANGES.get(word(name), (-math.inf, math.inf))


def range_words(name: str) -> str:
    """Which values a metric can have: "between 0 and 1", "at most 1"; "" if that is not known."""
    low, high = value_range(name)
    if math.isinf(high):
        return "" if math.isinf(low) else f"at least {low:g}"
    return f"at most {high:g}" if math.isinf(low) else f"between {low:g} and {high:g}"
