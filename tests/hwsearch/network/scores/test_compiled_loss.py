"""Losses of which values can be compared, and others."""

from __future__ import annotations

import functools

import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.scores.compiled_loss import CompiledLoss

losses = keras.losses
binary = losses.binary_crossentropy


class Own(keras.losses.Loss):
    """It has no configuration of its own; Keras names each object differently."""

    def __init__(self, factor=1):
        super().__init__()
        self.factor, self.calls = factor, 0

    def call(self, y_true, y_pred):
        self.calls += 1
        return self.factor * binary(y_true, y_pred)


def closure(factor=1):
    def loss(y_true, y_pred):
        return factor * binary(y_true, y_pred)

    return loss


def default(factor=1):
    return lambda y_true, y_pred, factor=factor: factor * binary(y_true, y_pred)


def partial(factor=1):
    return functools.partial(binary, label_smoothing=factor / 10)


def smoothing(factor=1):
    return keras.losses.BinaryCrossentropy(label_smoothing=factor / 10)


def of(loss, **options):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", loss, **options)
    return CompiledLoss.of(model)


@pytest.mark.parametrize("made", [Own, closure, default, partial, smoothing])
def test_a_loss_is_like_one_that_is_made_in_the_same_way(made):
    """So `compile(loss=Own())` again, as after unfreezing layers, changes nothing."""
    assert of(made()).is_like(of(made()))
    assert not of(made(2)).is_like(of(made()))
    assert of([made()]).is_like(of([made()]))


def test_names_and_weights():
    assert of("mse").is_like(of("mse"))
    assert not of("mse").is_like(of("mae"))
    assert not of("mse", loss_weights=[2.0]).is_like(of("mse"))
    made = [lambda t, p: 2 * binary(t, p), lambda t, p: 3 * binary(t, p), lambda t, p: p - t]
    first, *others = map(of, made)
    assert not any(first.is_like(other) for other in others)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mse", losses.MeanSquaredError()),
        ("mse", "mean_squared_error"),
        (losses.mean_squared_error, losses.MeanSquaredError(name="other")),
        (["mse"], "mse"),
        ("binary_crossentropy", losses.BinaryCrossentropy()),
        (functools.partial(losses.huber, delta=2.0), losses.Huber(2.0)),
    ],
)
def test_the_same_loss_in_two_forms(one, other):
    assert of(one).is_like(of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("binary_crossentropy", losses.BinaryCrossentropy(from_logits=True)),
        ("mse", losses.MeanSquaredError(reduction="sum")),
        (losses.Huber(2.0), losses.Huber(3.0)),
        (functools.partial(binary, label_smoothing=0.1), binary),
    ],
)
def test_other_options_are_another_loss(one, other):
    assert not of(one).is_like(of(other))


def test_a_loss_that_counts_its_calls_is_like_itself():
    loss = Own()
    before = of(loss)
    loss.calls = 7
    assert of(loss).is_like(before)
