"""Kinds of work beside the multiply-accumulates, on layers whose numbers are known by hand."""

from __future__ import annotations

import pytest

from hwsearch.counting import count
from hwsearch.counting.work import NO_WORK, Work, sum_of
from hwsearch.keras_runtime import keras
from tests.hwsearch.counting.models import chain

layers = keras.layers


def work(shape, *parts):
    return count(chain(shape, *parts)).work


def test_a_small_network():
    found = work(
        (8, 8, 1),
        layers.Conv2D(4, 3, padding="same", activation="tanh"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(16, activation="gelu"),
        layers.Dropout(0.1),
        layers.Dense(10, activation="softmax"),
    )
    assert found.convolution_macs == 64 * 9 * 4
    assert found.other_macs == 64 * 16 + 16 * 10
    assert found.unfolded == 64 * 9
    assert found.pooled == 16 * 4 * 4
    assert found.curved == 64 * 4 + 16 + 10
    assert found.calls == 4  # Flatten and Dropout do nothing in inference


@pytest.mark.parametrize(
    ("layer", "macs", "outputs"),
    [
        (layers.Conv2D(20, 3), 16 * 9 * 3 * 32, 16 * 32),
        (layers.Conv2D(32, 3), 16 * 9 * 3 * 32, 16 * 32),
        (layers.DepthwiseConv2D(3), 16 * 9 * 16, 16 * 16),
        (layers.TimeDistributed(layers.Conv1D(4, 3)), 6 * 4 * 9 * 16, 6 * 4 * 16),
        (layers.Dense(4), 0, 0),
    ],
)
def test_channels_are_filled_up(layer, macs, outputs):
    found = work((6, 6, 3), layer)
    assert (found.filled_macs, found.convolved) == (macs, outputs)


@pytest.mark.parametrize("name", ["relu", "linear", "relu6", "leaky_relu"])
def test_functions_that_are_cheap_are_not_curved(name):
    assert work((5,), layers.Dense(3, activation=name)).curved == 0


@pytest.mark.parametrize(
    ("layer", "elements"),
    [
        (layers.Activation("tanh"), 12),
        (layers.ELU(), 12),
        (layers.Softmax(), 12),
        (layers.ReLU(), 0),
        (layers.Activation(keras.activations.gelu), 12),
    ],
)
def test_layers_that_are_a_function(layer, elements):
    assert work((3, 4), layer).curved == elements


@pytest.mark.parametrize(
    ("layer", "elements"),
    [
        (layers.AveragePooling2D((2, 3)), 3 * 2 * 5 * 6),
        (layers.GlobalMaxPooling2D(), 6 * 6 * 5),
    ],
)
def test_pooling_looks_at_each_element_of_its_windows(layer, elements):
    assert work((6, 6, 5), layer).pooled == elements


def test_channels_first():
    layer = layers.Conv2D(4, (3, 2), data_format="channels_first")
    assert work((3, 8, 8), layer).unfolded == 6 * 7 * 3 * 2 * 3
    assert work((3, 8, 8), layer).convolved == 6 * 7 * 16


def test_work_of_a_batch_per_image():
    whole = sum_of([Work(pooled=6, calls=1), Work(pooled=2, curved=4, calls=1)])
    assert whole == Work(pooled=8, curved=4, calls=2)
    assert whole.per_image(4) == Work(pooled=2, curved=1, calls=2)
    assert sum_of([]) == NO_WORK


def test_models_with_a_fixed_batch_count_per_image():
    model = keras.Sequential([keras.Input((5,), batch_size=4), layers.Dense(3, activation="tanh")])
    assert count(model).work == Work(other_macs=15, curved=3, calls=1)


class Scaled(keras.Layer):
    """Code of its own with a layer inside."""

    def __init__(self):
        super().__init__()
        self.inner = layers.Dense(3, activation="tanh")

    def call(self, inputs):
        return self.inner(inputs)


def test_layers_inside_code_of_its_own():
    found = work((5,), Scaled())
    assert (found.other_macs, found.curved, found.calls) == (15, 3, 1)


class ConvLike(keras.Layer):
    """Its name says convolution, its code a matrix product."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4))

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.kernel)


def test_traced_macs_are_not_those_of_convolutions():
    found = work((5,), ConvLike())
    assert (found.convolution_macs, found.other_macs, found.calls) == (0, 20, 1)


def test_a_convolution_in_a_wrapper():
    found = work((3, 8, 8, 1), layers.TimeDistributed(layers.Conv2D(4, 3)))
    assert (found.convolution_macs, found.other_macs) == (3 * 36 * 9 * 4, 0)
