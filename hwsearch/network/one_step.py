"""One training step, to see whether a network can be trained."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.network import Network


class _Enough(BaseException):
    """The step is done. Not an Exception, so that nothing takes it for a failure."""


class _OneStep(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        raise _Enough


def train_one_step(network: Network, seed: int, reported: Collection[str] = ()) -> None:
    """Trains a network on one batch; its weights change.

    Args:
        network: To be tried.
        seed: Of the training.
        reported: Names that Keras must report, such as "val_recall".

    Raises:
        NetworkError: It cannot be trained.
    """
    with contextlib.suppress(_Enough):
        network.train(1, seed, callbacks=[_OneStep()], say=lambda _: None, reported=reported)
