"""A training that takes too long."""

from __future__ import annotations

import time
from typing import Any

from hwsearch.keras_runtime import keras


class TimeLimit(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Ends a training after some time, between two batches; the epoch is still validated.

    A training may consist of several calls of `fit`: those after the end have one batch each.

    Args:
        seconds: From the first epoch on, or from where a paused training is continued.
        epochs: Epochs that were trained before.

    Attributes:
        struck: The epoch, counted from 1 over all calls, in which the training was ended; 0 if it
            was not.
    """

    def __init__(self, seconds: float, epochs: int = 0) -> None:
        super().__init__()
        self._seconds = seconds
        self._end: float | None = None
        self._epochs = epochs
        self.struck = 0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """Starts the clock at the first call."""
        if self._end is None:
            self._end = time.monotonic() + self._seconds

    def on_epoch_begin(self, *_: Any, **__: Any) -> None:
        """Counts the epochs."""
        self._epochs += 1

    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        """Ends the training once the time is up."""
        if self._end is not None and time.monotonic() >= self._end:
            self.struck = self.struck or self._epochs
            self.model.stop_training = True
