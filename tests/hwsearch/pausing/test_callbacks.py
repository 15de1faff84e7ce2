from __future__ import annotations

import time
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.pausing.callbacks import OneTraining


class Heard(keras.callbacks.Callback):
    """Keeps what it hears."""

    def __init__(self, heard: list[Any]) -> None:
        super().__init__()
        self.heard = heard

    def on_train_begin(self, logs: Any = None) -> None:
        self.heard.append(("begin", self.params["epochs"]))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.heard.append(("epoch", epoch))

    def on_train_end(self, logs: Any = None) -> None:
        self.heard.append(("end", logs))


def fitted(training: OneTraining, epoch: int) -> None:
    """What Keras calls in `fit` of one epoch."""
    training.on_train_begin()
    training.on_epoch_begin(epoch)
    training.on_train_batch_begin(0)
    training.on_train_batch_end(0, {"loss": 0.5})
    training.on_epoch_end(epoch, {"loss": 0.5 / (epoch + 1)})
    training.on_train_end({"loss": 0.5 / (epoch + 1)})


def test_several_calls_of_fit_are_one_training() -> None:
    heard: list[Any] = []
    training = OneTraining([Heard(heard)], keras.Sequential(), 4, lambda: heard.append("restored"))
    for epoch in (2, 3):
        fitted(training, epoch)
    assert heard == [("begin", 4), "restored", ("epoch", 2), ("epoch", 3)]
    training.finish()
    assert heard[4:] == [("end", {"loss": 0.125})]
    assert training.history.history == {"loss": [0.5 / 3, 0.125]}


def test_the_end_of_the_first_step_alone_counts() -> None:
    training = OneTraining([], keras.Sequential(), 2, lambda: None)
    ends = [training.first_step_end]
    before = time.monotonic()
    for epoch in (0, 1):
        fitted(training, epoch)
        ends.append(training.first_step_end)
    after = time.monotonic()
    none, first, again = ends
    assert none is None
    assert first is not None
    assert before <= first <= after
    assert again == first


def test_the_first_step_of_the_first_validation_is_measured() -> None:
    training = OneTraining([], keras.Sequential(), 2, lambda: None)
    assert training.first_validation_s == 0.0
    before = time.monotonic()
    training.on_test_begin()
    training.on_test_batch_end(0)
    first = training.first_validation_s
    assert 0.0 < first <= time.monotonic() - before
    training.on_test_batch_end(1)
    training.on_test_begin()
    training.on_test_batch_end(0)
    assert training.first_validation_s == first
