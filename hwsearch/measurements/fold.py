"""The training of one fold of a cross-validation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hwsearch.measurements.reading import by_name, items, mapping, number, whole


@dataclass(frozen=True, slots=True)
class Fold:
    """The results of one fold.

    Attributes:
        epochs: Epochs that were begun.
        kept_epoch: The epoch, counted from 1, whose weights the fold's values belong to.
        rows: Rows that the values were computed on; None if that is unknown.
        metrics: Each `val_*` that Keras reported, and `error` in %, of these rows.
        history: One number per epoch, as in `Measurements`.
        seconds: Duration of the training.
    """

    epochs: int = 0
    kept_epoch: int = 0
    rows: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    seconds: float = math.nan

    @classmethod
    def from_json(cls, document: Any) -> Fold | None:
        """Reads an object of the same names; None if it is not an object."""
        if not isinstance(document, Mapping):
            return None
        entry = mapping(document)
        return cls(
            epochs=whole(entry.get("epochs")) or 0,
            kept_epoch=whole(entry.get("kept_epoch")) or 0,
            rows=whole(entry.get("rows")),
            metrics=by_name(entry.get("metrics"), number),
            history=by_name(entry.get("history"), lambda values: items(values, number)),
            seconds=number(entry.get("seconds")),
        )


def mean(values: Sequence[float]) -> float:
    """The mean; NaN if a value is NaN or there is none."""
    return sum(values) / len(values) if values else math.nan


def reported(folds: Sequence[Fold], name: str) -> int:
    """How many folds have a value of a metric."""
    return sum(name in fold.metrics for fold in folds)


def spread(folds: Sequence[Fold], name: str) -> float:
    """The standard deviation of a metric over folds; NaN with fewer than two, or unknown values."""
    values = [fold.metrics.get(name, math.nan) for fold in folds]
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return math.nan
    middle = mean(values)
    return math.sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1))


def std_error(folds: Sequence[Fold], name: str) -> float:
    """The standard error of the mean of a metric over folds; NaN as for `spread`."""
    return spread(folds, name) / math.sqrt(len(folds)) if folds else math.nan


def mean_history(folds: Sequence[Fold]) -> dict[str, list[float]]:
    """For each epoch, the means over the folds that were trained so long."""
    names = dict.fromkeys(name for fold in folds for name in fold.history)
    found: dict[str, list[float]] = {}
    for name in names:
        lists = [fold.history[name] for fold in folds if name in fold.history]
        length = max(map(len, lists))
        found[name] = [mean([one[n] for one in lists if n < len(one)]) for n in range(length)]
    return found
