"""Memory of the tensors that are alive at once."""

from __future__ import annotations

import pytest

from hwsearch.counting import count
from hwsearch.counting.activations import Activations, item_bytes
from hwsearch.keras_runtime import keras

layers = keras.layers


def test_memory_of_branches_that_merge():
    x = keras.Input((8, 8, 4))
    scale = layers.Dense(4, activation="sigmoid")(layers.GlobalAveragePooling2D()(x))
    scaled = layers.Multiply()([x, layers.Reshape((1, 1, 4))(scale)])
    joined = layers.Concatenate()([x, layers.Add()([x, scaled])])
    counts = count(keras.Model(x, joined))
    assert counts.macs == 16
    # At the end the input, the sum and the concatenation are alive: 4 + 4 + 8 channels.
    assert counts.activation_bytes == 4 * 64 * 16
    assert counts.activation_bytes_total == 4 * (256 + 4 + 4 + 256 + 256 + 512)


def test_bytes_follow_the_types():
    half = keras.Sequential(
        [keras.Input((8,), dtype="uint8"), layers.Dense(16, dtype="mixed_bfloat16")]
    )
    counts = count(half)
    assert counts.activation_bytes == 8 * 1 + 16 * 2
    assert counts.weight_bytes == 4 * (8 * 16 + 16)


def test_a_tensor_is_released_after_its_last_use():
    a, b, c = (keras.KerasTensor((1, n), dtype="float32") for n in (100, 10, 1))
    activations = Activations()
    activations.record([a], [b], views=False)
    activations.record([b], [c], views=False)
    assert activations.peak_and_total([c]) == (4 * 110, 4 * 111)
    assert activations.peak_and_total([a, c]) == (4 * 111, 4 * 111)


def test_a_view_takes_no_memory_but_keeps_that_of_its_tensor():
    a, view, b = (keras.KerasTensor((1, 100), dtype="float32") for _ in range(3))
    activations = Activations()
    activations.record([a], [view], views=True)
    assert activations.peak_and_total([view]) == (400, 400)
    activations.record([view], [b], views=False)
    assert activations.peak_and_total([b]) == (800, 800)


def test_normalisations_and_activations_work_in_place():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.GlobalAveragePooling2D(),
        ]
    )
    counts = count(model)
    assert counts.activation_bytes == 2 * 4 * 256
    assert counts.activation_bytes_in_place == 4 * (64 + 256)
    assert "activation_bytes_in_place" not in counts.summary()


def test_a_tensor_that_is_needed_later_is_not_written_over():
    x = keras.Input((10,))
    counts = count(keras.Model(x, layers.Add()([x, layers.ReLU()(x)])))
    assert counts.activation_bytes == 3 * 40
    assert counts.activation_bytes_in_place == 2 * 40
    kept = count(keras.Model(x, [x, layers.ReLU()(x)]))
    assert kept.activation_bytes_in_place == 2 * 40


@pytest.mark.parametrize(
    ("dtype", "size"), [("bfloat16", 2), ("float32", 4), ("bool", 1), ("float8_e4m3fn", 1)]
)
def test_bytes_of_a_type(dtype, size):
    assert item_bytes(dtype) == size
