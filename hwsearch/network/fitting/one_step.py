"""One training step, to see whether a network can be trained."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import StepTakenError
from hwsearch.network.network import Network


class _OneStep(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    def on_train_batch_end(self, _: int, logs: Mapping[str, Any] | None = None) -> None:
        raise StepTakenError(logs)


def train_one_step(network: Network, seed: int, reported: Collection[str] = ()) -> None:
    """Trains a network on one batch; its weights change.

    A script that calls `fit` several times takes one step in each call that it reaches.

    Args:
        network: To be tried.
        seed: Of the training.
        reported: Names that Keras must report, such as "val_recall".

    Raises:
        NetworkError: It cannot be trained.
    """
    with contextlib.suppress(StepTakenError):
        network.train(1, seed, callbacks=[_OneStep()], say=lambda _: None, reported=reported)
