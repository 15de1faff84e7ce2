"""Everything that a job's document keeps under `measurements`."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from hwsearch.measurements.fold import Fold
from hwsearch.measurements.profile import ProfileRecord
from hwsearch.measurements.quantity import Quantity
from hwsearch.measurements.reading import (
    by_name,
    flag,
    items,
    mapping,
    number,
    text,
    whole,
    without_nan,
)
from hwsearch.measurements.repeat import Repeat


class Outcome(StrEnum):
    """What became of a network that could be built and measured."""

    TRAINED = "trained"  # for all epochs
    MEASURED = "measured"  # not trained, since no metric of the search needs it
    REJECTED = "rejected"  # not trained, since it was over a budget already
    DIVERGED = "diverged"  # the loss or the predictions became NaN or infinite
    OUT_OF_MEMORY = "out of memory"  # it could not be measured or trained
    STOPPED = "stopped"  # training ended early with a usable error
    PAUSED = "paused"  # training can be continued; no error yet


# How the reason of a job begins in documents of versions that did not keep the outcome.
_OLD_REASONS = {
    "rejected before training": Outcome.REJECTED,
    "training diverged": Outcome.DIVERGED,
}


@dataclass(frozen=True, slots=True)
class Measurements:
    """The results of one job.

    Attributes:
        outcome: None if it is unknown, as for a job that broke.
        script: The rendered script, relative to the experiment's folder.
        hyperparameters: What the script got, by token.
        seed: Seed of the network's weights and its training.
        batch_size: The script's.
        validation: Where the validation set comes from, for people.
        metrics: By name, `error` included once it is known.
        predicted: By name, the costs of a network that was trained first; the standard error is
            that of the prediction. What was measured after the training is in `metrics` too.
        counts: `hwsearch.counting.Counts` without the layers; {} if they could not be counted.
        profile: How the metrics were measured; None if none had to be.
        measured_again: Whether a value near its bound was measured a second time, for longer.
        uncertain: Metrics that are within their uncertainty of their bound all the same.
        as_job: The job whose measurements these are, of a network of the same structure; None if
            the network was measured, or did not have to be.
        notes: Warnings for people.
        training_memory: Peak memory of training, GiB; None if the device does not report it.
        epochs: Epochs that were begun; None without training.
        kept_epoch: The epoch, counted from 1, whose weights the network has; None = unknown: the
            last one in documents of older versions.
        history: One number per epoch: `loss`, the compiled metrics, the same with `val_` before
            it and `error` (%, validation set).
        folds: Of a cross-validation, the training of each fold. `metrics` are their means then,
            `epochs` their sum, `history` the means over the folds that were trained so long, and
            `kept_epoch` belongs to the fold whose network is kept.
        best: Whether it was the best network of the run when it ended; None without an error.
        test_error: In %, of a network that was the best; NaN otherwise.
        repeats: Trainings of the same network with other seeds, after the search.
        seconds: Duration by part of the evaluation: `build`, `measure`, `train`, ...
        versions: Of Python and the libraries.
    """

    outcome: Outcome | None = None
    script: str = ""
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    batch_size: int | None = None
    validation: str = ""
    metrics: Mapping[str, Quantity] = field(default_factory=dict)
    predicted: Mapping[str, Quantity] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)
    profile: ProfileRecord | None = None
    measured_again: bool = False
    uncertain: tuple[str, ...] = ()
    as_job: int | None = None
    notes: tuple[str, ...] = ()
    training_memory: Quantity | None = None
    epochs: int | None = None
    kept_epoch: int | None = None
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    folds: tuple[Fold, ...] = ()
    best: bool | None = None
    test_error: float = math.nan
    repeats: tuple[Repeat, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """The costs that are predicted, and were not measured."""
        return tuple(name for name in self.predicted if name not in self.metrics)

    def to_json(self) -> dict[str, Any]:
        """The document without what is unknown."""
        document = without_nan(asdict(self))
        return {key: value for key, value in document.items() if value not in (None, "", [], {})}

    @classmethod
    def of_job(cls, job: Mapping[str, Any]) -> Measurements:
        """Reads them from a job's document."""
        return cls.from_json(job.get("measurements"), job.get("reason"))

    @classmethod
    def from_json(cls, document: Any, reason: Any = None) -> Measurements:
        """Reads what `to_json` or an older version wrote; anything else reads as unknown.

        Args:
            document: The decoded JSON.
            reason: The job's; determines the outcome if the document is of an older version.
        """
        entry = mapping(document)
        return cls(
            outcome=_outcome(entry, text(reason)),
            script=text(entry.get("script")),
            hyperparameters=mapping(entry.get("hyperparameters")),
            seed=whole(entry.get("seed")),
            batch_size=whole(entry.get("batch_size")),
            validation=text(entry.get("validation")),
            metrics=by_name(entry.get("metrics"), Quantity.from_json),
            predicted=by_name(entry.get("predicted"), Quantity.from_json),
            counts=mapping(entry.get("counts")),
            profile=ProfileRecord.from_json(entry.get("profile")),
            measured_again=flag(entry.get("measured_again")) or False,
            uncertain=items(entry.get("uncertain"), _word),
            as_job=whole(entry.get("as_job")),
            notes=items(entry.get("notes"), _word),
            training_memory=Quantity.from_json(entry.get("training_memory")),
            epochs=whole(entry.get("epochs")),
            kept_epoch=whole(entry.get("kept_epoch")),
            history=by_name(entry.get("history"), lambda values: items(values, number)),
            folds=items(entry.get("folds"), Fold.from_json),
            best=flag(entry.get("best")),
            test_error=number(entry.get("test_error")),
            repeats=items(entry.get("repeats"), Repeat.from_json),
            seconds=by_name(entry.get("seconds"), number),
            versions=by_name(entry.get("versions"), _word),
        )


def _outcome(document: Mapping[str, Any], reason: str) -> Outcome | None:
    with contextlib.suppress(ValueError):
        return Outcome(text(document.get("outcome")))
    for words, outcome in _OLD_REASONS.items():
        if reason.startswith(words):
            return outcome
    return Outcome.TRAINED if whole(document.get("epochs")) else None


def _word(value: Any) -> str | None:
    return text(value) or None
