"""The shapes of one image."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.counting import count
from hwsearch.keras_runtime import keras
from hwsearch.network.datasets.image_shapes import image_shapes


@pytest.fixture(scope="module")
def model():
    """Takes two sequences of any length, and one number."""
    words = [keras.Input((None,), name=name) for name in ("title", "body")]
    number = keras.Input((1,), name="age")
    embedding = keras.layers.Embedding(5, 2)
    parts = [keras.layers.GlobalAveragePooling1D()(embedding(one)) for one in words]
    output = keras.layers.Dense(1)(keras.layers.Concatenate()([*parts, number]))
    return keras.Model([*words, number], output)


def rows(*shape):
    return np.zeros((4, *shape))


def test_several_inputs_get_their_shapes_in_order(model):
    by_name = {"age": rows(), "other": rows(9), "body": rows(7), "title": rows(3)}
    for images in (by_name, [rows(3), rows(7), rows(1)]):
        shapes = image_shapes(model, images)
        assert shapes == [(3,), (7,), (1,)]
        assert count(model, shapes).params == model.count_params() == 16


def test_one_array_has_one_shape_and_other_structures_none(model):
    assert image_shapes(model, rows(8, 8, 3)) == (8, 8, 3)
    assert image_shapes(model, [rows(3)]) is None
    own = keras.Model()
    assert image_shapes(own, {"a": rows(2)}) is None
    assert image_shapes(own, [rows(2), rows(3)]) == [(2,), (3,)]


def test_single_texts_and_numbers_get_the_axis_that_the_model_has():
    words = keras.layers.TextVectorization(vocabulary=["a", "b"], output_sequence_length=6)
    of_texts = [keras.Input((1,), dtype="string"), words, keras.layers.Embedding(4, 2)]
    of_numbers = [keras.Input((1,)), keras.layers.Dense(2)]
    for layers, images in ((of_texts, np.array(["a b", "b"])), (of_numbers, rows())):
        model = keras.Sequential(layers)
        shape = image_shapes(model, images)
        assert shape == (1,)
        assert count(model, shape, images).params == model.count_params()
