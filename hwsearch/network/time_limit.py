"""A training that takes too long."""

from __future__ import annotations

import time
from typing import Any

from hwsearch.keras_runtime import keras


class TimeLimit(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Ends a training after some time, between two batches; the epoch is still validated.

    Args:
        seconds: From the first epoch on.

    Attributes:
        struck: The epoch, counted from 1, in which the training was ended; 0 if it was not.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._epoch = 0
        self.struck = 0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """Starts the clock."""
        self._end = time.monotonic() + self._seconds

    def on_epoch_begin(self, epoch: int, *_: Any, **__: Any) -> None:
        """Keeps the epoch's number."""
        self._epoch = epoch + 1

    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        """Ends the training once the time is up."""
        if not self.struck and time.monotonic() >= self._end:
            self.struck = self._epoch
            self.model.stop_training = True
