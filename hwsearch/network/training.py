"""What a training gives, and the callback that gathers it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hwsearch.keras_runtime import keras


@dataclass(slots=True)
class TrainResult:
    """The result of a training.

    Attributes:
        error: Error on the validation set after the last epoch, %; NaN if the training diverged.
        epochs: Number of epochs that were started.
        history: One number per epoch: `loss` and the compiled metrics (training set), `error`
            (validation set, %).
        seconds: Duration of all epochs.
        first_step: Time of the first training step, as `time.time()` gives it.
        reason: Why the error is NaN; "" if it is not.
    """

    error: float = math.nan
    epochs: int = 0
    history: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    first_step: float | None = None
    reason: str = ""


class EpochReport(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Evaluates the network after every epoch, records the history and reports one line.

    A training that diverges is stopped.

    Args:
        validate: Gives the error on the validation set, %.
        epochs: Number of epochs planned.
        say: Takes the line.

    Attributes:
        result: What is known so far, except for `seconds`.
    """

    def __init__(
        self, validate: Callable[[], float], epochs: int, say: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._validate = validate
        self._planned = epochs
        self._say = say
        self._epoch_began = 0.0
        self.result = TrainResult()

    def on_epoch_begin(self, epoch: int, *_: Any, **__: Any) -> None:
        """Starts the epoch's clock."""
        self.result.epochs = epoch + 1
        self._epoch_began = time.monotonic()

    def on_train_batch_begin(self, *_: Any, **__: Any) -> None:
        """Records when the first training step begins, after building and tracing."""
        if self.result.first_step is None:
            self.result.first_step = time.time()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Evaluates, records and reports; adds `error` to Keras' logs for later callbacks."""
        logs = logs if logs is not None else {}
        loss = float(logs.get("loss", math.nan))
        self._evaluate(epoch + 1, loss)
        logs["error"] = self.result.error
        for name, value in logs.items():
            self.result.history.setdefault(name, []).append(float(value))
        seconds = time.monotonic() - self._epoch_began
        self._say(
            f"epoch {epoch + 1}/{self._planned}: loss {loss:.4g}, "
            f"error {self.result.error:.2f} %, {seconds:.1f} s"
        )

    def _evaluate(self, epoch: int, loss: float) -> None:
        result = self.result
        if math.isfinite(loss):
            result.error = self._validate()
            if math.isnan(result.error):
                result.reason = f"training diverged: predictions are NaN after epoch {epoch}"
        else:
            result.error = math.nan
            kind = "NaN" if math.isnan(loss) else "infinite"
            result.reason = f"training diverged: loss is {kind} in epoch {epoch}"
        if result.reason:
            self.model.stop_training = True
