"""One more training of a job's network, with another seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hwsearch.measurements.reading import by_name, mapping, number, text, whole, without_nan


@dataclass(frozen=True, slots=True)
class Repeat:
    """The result of one training.

    Attributes:
        seed: Of weights and training.
        epochs: Epochs that were begun.
        kept_epoch: The epoch, counted from 1, whose weights were kept; 0 if it diverged.
        metrics: At the kept epoch, by name: `error` in %, and what Keras reported as `val_...`.
        loss: Of the training set in the kept epoch.
        test_error: In %; NaN if there is no test set.
        seconds: Duration of the training.
        reason: Why it has no result; "" if it has one.
        model: File name of the trained model; None if Keras cannot save it.
        weights: File name of its weights.
        loading: How they are loaded: a `hwsearch.network.way_to_load.Loading`.
    """

    seed: int
    epochs: int = 0
    kept_epoch: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    loss: float = math.nan
    test_error: float = math.nan
    seconds: float = math.nan
    reason: str = ""
    model: str | None = None
    weights: str | None = None
    loading: str = ""

    def to_json(self) -> dict[str, Any]:
        """The document for files and jobs."""
        document: dict[str, Any] = without_nan(asdict(self))
        return document

    @classmethod
    def from_json(cls, document: Any) -> Repeat | None:
        """Reads what `to_json` wrote; None if there is no seed."""
        entry = mapping(document)
        seed = whole(entry.get("seed"))
        if seed is None:
            return None
        return cls(
            seed=seed,
            epochs=whole(entry.get("epochs")) or 0,
            kept_epoch=whole(entry.get("kept_epoch")) or 0,
            metrics=by_name(entry.get("metrics"), number),
            loss=number(entry.get("loss")),
            test_error=number(entry.get("test_error")),
            seconds=number(entry.get("seconds")),
            reason=text(entry.get("reason")),
            model=text(entry.get("model")) or None,
            weights=text(entry.get("weights")) or None,
            loading=text(entry.get("loading")),
        )

    def value(self, name: str) -> float:
        """A metric; NaN if it is unknown."""
        return self.test_error if name == "test error" else self.metrics.get(name, math.nan)
