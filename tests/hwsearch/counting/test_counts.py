"""The totals of a model, against numbers worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hwsearch.counting import CountError, count
from hwsearch.keras_runtime import keras
from tests.hwsearch.counting.models import chain

layers, ops = keras.layers, keras.ops


def test_a_small_network_by_hand():
    model = chain(
        (8, 8, 1),
        layers.Conv2D(8, 3, padding="same", activation="relu", name="conv"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10, name="out"),
    )
    counts = count(model)
    assert counts.params == counts.trainable_params == (9 * 8 + 8) + (128 * 10 + 10)
    assert counts.weight_bytes == 4 * counts.params
    assert counts.macs == 64 * 9 * 8 + 128 * 10
    assert counts.uncounted == ()
    assert [layer.macs for layer in counts.layers] == [4608, 0, 0, 0, 1280]
    assert counts.layers[0].output == (8, 8, 8)
    # The pooling holds its input (8x8x8) and its output (4x4x8); Flatten and Dropout are views.
    assert counts.activation_bytes == 4 * (512 + 128)
    assert counts.activation_bytes_total == 4 * (64 + 512 + 128 + 10)


def test_a_layer_that_cannot_be_counted_is_listed_and_left_out_of_the_macs():
    counts = count(
        chain(
            (4,),
            layers.Lambda(lambda x: keras.ops.fft((x, x))[0], name="twice"),
            layers.Dense(3, name="d"),
        )
    )
    assert counts.uncounted == ("twice (Lambda: FFT)",)
    assert json.loads(json.dumps(counts.summary())) == {
        "params": 15,
        "trainable_params": 15,
        "weight_bytes": 60,
        "macs": 12,
        "activation_bytes": 32,
        "activation_bytes_total": 44,
        "uncounted": ["twice (Lambda: FFT)"],
    }
    assert counts.macs == 12
    assert [layer.macs for layer in counts.layers] == [None, 12]


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__(name="sub")
        self.part = layers.Dense(5)

    def call(self, x):
        return self.part(x)


def test_a_subclassed_model_needs_a_shape():
    with pytest.raises(CountError, match="model 'sub': its input shape is unknown; start it with"):
        count(Subclassed())
    counts = count(Subclassed(), (4,))
    assert (counts.macs, counts.params, counts.uncounted) == (20, 25, ())


def test_unknown_dimensions_need_a_shape():
    x = keras.Input((None, 5), name="words")
    model = keras.Model(x, layers.LSTM(7)(x), name="text")
    with pytest.raises(
        CountError, match=r"'text': its input shape \(None, 5\) has unknown dimensions"
    ):
        count(model)
    assert count(model, (11, 5)).macs == 11 * 4 * (35 + 49)
    with pytest.raises(
        CountError, match=r"got \(11, 6\) as the shape of one image; expected \(None, 5\)"
    ):
        count(model, (11, 6))
    with pytest.raises(CountError, match="got 2 input shapes; expected 1"):
        count(model, [(11, 5), (3, 5)])


def test_an_unbuilt_sequence_of_layers():
    model = keras.Sequential([layers.Dense(3), layers.Dense(2)])
    with pytest.raises(CountError, match="its input shape is unknown"):
        count(model)
    assert count(model, (4,)).macs == 18


def test_a_fixed_batch_size_does_not_change_the_count_per_image():
    def model(batch):
        x = keras.Input(batch_shape=(batch, 6, 3))
        return keras.Model(x, layers.Dense(2)(layers.LSTM(4)(x)))

    fixed, free = count(model(32)), count(model(None))
    assert (fixed.macs, fixed.activation_bytes) == (free.macs, free.activation_bytes)


def test_frozen_weights_are_not_trainable():
    model = chain((4,), layers.Dense(3, trainable=False), layers.BatchNormalization())
    counts = count(model)
    assert counts.params == 15 + 4 * 3
    assert counts.trainable_params == 2 * 3


class Ratings(keras.Model):
    """Takes a dictionary; the type of an input matters to `one_hot` and `take`."""

    def __init__(self):
        super().__init__()
        self.table = layers.Embedding(9, 4)
        self.dense = layers.Dense(3)

    def call(self, features):
        one_hot = ops.one_hot(features["user"], 5)
        chosen = ops.take(ops.ones((9, 2)), features["film"], axis=0)
        parts = [one_hot, chosen, self.table(features["film"]), features["age"]]
        return self.dense(ops.concatenate(parts, -1))


def test_a_model_of_its_own_gets_its_inputs_as_the_data_have_them():
    ids = np.zeros(6, "int64")
    images = {"user": ids, "film": ids, "age": np.zeros((6, 1))}
    counts = count(Ratings(), None, images)
    assert (counts.macs, counts.uncounted) == ((5 + 2 + 4 + 1) * 3, ())
