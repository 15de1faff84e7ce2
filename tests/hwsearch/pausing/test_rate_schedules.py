"""Learning rates by which the beginning of a training shows nothing of its end."""

from __future__ import annotations

import pytest

from hwsearch.keras_runtime import keras
from hwsearch.pausing.rate_schedules import obstacle

schedules = keras.optimizers.schedules
callbacks = keras.callbacks


class OneCycle(keras.callbacks.Callback):
    """Sets the rate as its documentation says."""

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate.assign(0.1 * batch)


class Inner(keras.callbacks.Callback):
    """Sets the rate in a function inside of another."""

    def on_epoch_end(self, epoch, logs=None):
        def change(optimizer):
            setattr(epoch, "learning_rate", 0.1)  # noqa: B010 - what scripts do

        change(self.model.optimizer)


class Child(OneCycle):
    """Inherits it."""


class Quiet(keras.callbacks.Callback):
    """Does something else."""

    def on_epoch_end(self, epoch, logs=None):
        self.seen = epoch


@pytest.mark.parametrize(
    "rate",
    [0.1, schedules.ExponentialDecay(0.1, 100, 0.9), schedules.InverseTimeDecay(0.1, 100, 0.9)],
)
def test_smooth_rates_are_none(rate):
    others = [Quiet(), callbacks.ReduceLROnPlateau(), callbacks.EarlyStopping()]
    assert obstacle(keras.optimizers.SGD(rate), others) == ""


@pytest.mark.parametrize(
    "rate",
    [
        schedules.CosineDecay(0.1, 100),
        schedules.PolynomialDecay(0.1, 100),
        schedules.PiecewiseConstantDecay([10], [0.1, 0.01]),
        schedules.ExponentialDecay(0.1, 100, 0.1, staircase=True),
    ],
)
def test_plans_are_named(rate):
    found = obstacle(keras.optimizers.SGD(rate), [])
    assert found.startswith(f"the learning rate follows a schedule ({type(rate).__name__})")


def test_a_function_may_follow_a_plan():
    assert "(a function)" in obstacle(keras.optimizers.SGD(lambda: 0.1), [])


@pytest.mark.parametrize(
    "callback",
    [
        callbacks.LearningRateScheduler(lambda epoch: 0.1 / epoch),
        callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: setattr(epoch, "learning_rate", 0.1)
        ),
        OneCycle(),
        Inner(),
        Child(),
    ],
)
def test_callbacks_that_set_the_rate_are_named(callback):
    found = obstacle(keras.optimizers.SGD(0.1), [Quiet(), callback])
    assert f"(the callback {type(callback).__name__})" in found
