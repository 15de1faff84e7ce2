"""What happens after each epoch of a training."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

import keras


class Judged(Protocol):
    """What can be judged while it is trained."""

    def validation_error(self) -> float:
        """The error on the validation set, %."""


class EpochReport(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Judges the network after every epoch, keeps the history and says a line.

    Attributes:
        error: After the last epoch, %.
        epochs: Begun.
        history: One number an epoch.
        first_step: Moment of the first training step, `time.time()`.
        reason: Why there is no error; "" if there is one.
    """

    def __init__(self, network: Judged, epochs: int, say: Callable[[str], None]) -> None:
        super().__init__()
        self._network = network
        self._of = epochs
        self._say = say
        self._began = 0.0
        self.error = math.nan
        self.epochs = 0
        self.history: dict[str, list[float]] = {}
        self.first_step: float | None = None
        self.reason = ""

    def on_epoch_begin(self, epoch: int, *_: Any, **__: Any) -> None:
        """Starts the epoch's clock."""
        self.epochs = epoch + 1
        self._began = time.monotonic()

    def on_train_batch_begin(self, *_: Any, **__: Any) -> None:
        """Notes when training really begins."""
        if self.first_step is None:
            self.first_step = time.time()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Judges and says."""
        logs = logs if logs is not None else {}
        loss = float(logs.get("loss", math.nan))
        if math.isfinite(loss):
            self.error = self._network.validation_error()
            if math.isnan(self.error):
                self.reason = f"training diverged: predictions are NaN after epoch {epoch + 1}"
        else:
            self.error = math.nan
            kind = "NaN" if math.isnan(loss) else "infinite"
            self.reason = f"training diverged: loss is {kind} in epoch {epoch + 1}"
        if self.reason:
            self.model.stop_training = True
        logs["error"] = self.error
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))
        seconds = time.monotonic() - self._began
        self._say(
            f"epoch {epoch + 1}/{self._of}: loss {loss:.4g}, "
            f"error {self.error:.2f} %, {seconds:.1f} s"
        )
