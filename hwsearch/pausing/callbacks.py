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
        first_validation_s: Seconds from the beginning of the first validation of this process to
            the end of its first step, in which backends compile too; 0 before that.
    """

    def __init__(
        self, callbacks: Sequence[Any], model: Any, epochs: int, began: Callable[[], None]
    ) -> None:
        self.history = keras.callbacks.History()
        self._began: Callable[[], None] | None = began
        self._last_logs: Any = None
        self.first_step_end: float | None = None
        self.first_validation_s = 0.0
        self._validation_began: float | None = None
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

    def on_test_begin(self, logs: Any = None) -> None:
        """Passes the beginning of a validation on."""
        self._validation_began = time.monotonic()
        super().on_test_begin(logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Passes the end of a step of a validation on."""
        if not self.first_validation_s and self._validation_began is not None:
            self.first_validation_s = time.monotonic() - self._validation_began
        super().on_test_batch_end(batch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Keeps what the end of a call says."""
        self._last_logs = logs

    def finish(self) -> None:
        """Lets the callbacks hear of the end of the training."""
        super().on_train_end(self._last_logs)
