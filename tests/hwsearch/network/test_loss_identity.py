"""Whether two losses are the same one."""

from __future__ import annotations

import functools
from types import SimpleNamespace

import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.loss_identity import identity

losses = keras.losses


def own(true, predicted):
    return keras.ops.mean(true - predicted)


def made(factor):
    return lambda true, predicted: factor * own(true, predicted)


class Silent(keras.losses.Loss):
    def __init__(self, factor=1):
        super().__init__()
        self.factor = factor


class Telling(Silent):
    def get_config(self):
        return super().get_config() | {"factor": self.factor}


def of(loss):
    return identity(SimpleNamespace(loss=loss))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mse", losses.MeanSquaredError()),
        ("mse", "mean_squared_error"),
        (losses.mean_squared_error, losses.MeanSquaredError(name="other")),
        (["mse"], "mse"),
        ({"a": "mse", "b": "mae"}, {"a": losses.MeanSquaredError(), "b": "mae"}),
        ("binary_crossentropy", losses.BinaryCrossentropy()),
        (losses.Huber(2.0), losses.Huber(delta=2.0)),
        (own, own),
        (Telling(2), Telling(2)),
        (functools.partial(losses.huber, delta=2.0), losses.Huber(2.0)),
    ],
)
def test_the_same_loss_in_two_forms(one, other):
    assert of(one) == of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mse", "mae"),
        ("binary_crossentropy", losses.BinaryCrossentropy(from_logits=True)),
        ("mse", losses.MeanSquaredError(reduction="sum")),
        (losses.Huber(2.0), losses.Huber(3.0)),
        (made(1), made(2)),
        (Silent(1), Silent(2)),  # nothing tells these two apart
        (Telling(1), Telling(2)),
        (functools.partial(own, 1), functools.partial(own, 2)),
        ({"a": "mse", "b": "mae"}, {"a": "mae", "b": "mse"}),
        (None, "mse"),
        ("no such loss", "mse"),
    ],
)
def test_other_losses(one, other):
    assert of(one) != of(other)
    assert of(one) == of(one)


def test_weights_of_several_losses_are_a_part():
    i = keras.Input((2,))
    found = []
    for weights in ([1, 1], [1, 1], [1, 9]):
        model = keras.Model(i, [keras.layers.Dense(1)(i), keras.layers.Dense(1)(i)])
        model.compile("sgd", ["mse", "mae"], loss_weights=weights)
        found.append(identity(model))
    assert found[0] == found[1] != found[2]
