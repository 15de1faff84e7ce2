"""What a training gives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hwsearch.measurements import Fold
from hwsearch.network.datasets.held_out import is_number


@dataclass(slots=True)
class TrainResult:
    """The result of a training.

    Attributes:
        error: Error on the validation set of the network that is kept, %; NaN if the training
            diverged or the error was not computed.
        epochs: Number of epochs that were started.
        kept_epoch: The epoch, counted from 1, whose weights the network has now; 0 if the
            training diverged.
        metrics: At the kept epoch: each `val_*` that Keras reported, and `error` if it was
            computed.
        history: One number per epoch: `loss` and the compiled metrics (training set), the same
            with `val_` before it and `error` in % (validation set). NaN where there was none.
        seconds: Duration of all epochs.
        first_step: Time of the first training step, as `time.time()` gives it.
        reason: Why there is no result; "" if there is one.
        folds: Of a cross-validation, its folds; the other values are as in `Measurements`.
    """

    error: float = math.nan
    epochs: int = 0
    kept_epoch: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    history: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    first_step: float | None = None
    reason: str = ""
    folds: tuple[Fold, ...] = ()

    def record(self, logs: Mapping[str, Any]) -> None:
        """Adds the numbers of one epoch; every list keeps one number per epoch.

        A metric that is an array, such as an F1 score for each class, is left out.
        """
        past = max((len(values) for values in self.history.values()), default=0)
        for name, value in logs.items():
            if is_number(value):
                self.history.setdefault(name, [math.nan] * past).append(float(value))
        for values in self.history.values():
            values.extend([math.nan] * (past + 1 - len(values)))

    def complete(self, history: Mapping[str, Any]) -> None:
        """Adds what callbacks reported after ours, such as the learning rate.

        Args:
            history: That of Keras, of the last call of `fit`.
        """
        past = max((len(values) for values in self.history.values()), default=0)
        for name, values in history.items():
            if name not in self.history and len(values) <= past and all(map(is_number, values)):
                gap = [math.nan] * (past - len(values))
                self.history[name] = gap + [float(value) for value in values]

    def keep(self, epoch: int) -> None:
        """Takes the values of an epoch, counted from 1, as those of the network."""
        self.kept_epoch = epoch
        self.metrics = {
            name: values[epoch - 1]
            for name, values in self.history.items()
            if name == "error" or name.startswith("val_")
        }
        self.error = self.metrics.get("error", math.nan)
