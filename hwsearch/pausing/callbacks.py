"""Callbacks of a training that is several calls of `fit`: for them, it is one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from hwsearch.keras_runtime import keras


class OneTraining(keras.callbacks.CallbackList):  # type: ignore[misc]  # Keras has no types
    """Callbacks that hear of one beginning and one end, whatever calls of `fit` there are.

    Args:
        callbacks: All but Keras' `History`.
        model: The model.
        epochs: The number of the last epoch, which the callbacks hear of.
        began: Called after the callbacks have heard of the beginning, when all parts of the model
            have been built.

    Attributes:
        history: Keras' `History`.
        first_step_end: When the first training step of this process had ended, as
            `time.monotonic()` gives it: the step in which backends compile. None before that.
    """

    def __init__(
        self, callbacks: Sequence[Any], model: Any, epochs: int, began: Callable[[], None]
    ) -> None:
        self.history = keras.callbacks.History()
        self._began: Callable[[], None] | None = began
        self._last_logs: Any = None
        self.first_step_end: float | None = None
        super().__init__([*callbacks, self.history], model=model, verbose=0, epochs=epochs)

    def on_train_begin(self, logs: Any = None) -> None:
        """Passes the first beginning on."""
        if self._began is not None:
            began, self._began = self._began, None
            super().on_train_begin(logs)
            began()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Passes the end of a step on."""
        if self.first_step_end is None:
            self.first_step_end = time.monotonic()
        super().on_train_batch_end(batch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Keeps what the end of a call says."""
        self._last_logs = logs

    def finish(self) -> None:
        """Lets the callbacks hear of the end of the training."""
        super().on_train_end(self._last_logs)
