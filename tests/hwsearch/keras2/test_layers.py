"""Stateful networks as Keras 2 had them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from hwsearch import keras2
from hwsearch.keras_runtime import keras


def test_a_stateful_network_of_keras_2_begins_anew_after_reset_states(capsys):
    model = keras.Sequential()
    model.add(keras.layers.LSTM(2, batch_input_shape=(1, 3, 1), stateful=True))
    model.add(keras.layers.Dense(1))
    assert model.input_shape == (1, 3, 1)
    x = np.ones((1, 3, 1))
    first = model.predict(x, verbose=0)
    assert model.predict(x, verbose=0) != first
    model.reset_states()
    assert model.predict(x, verbose=0) == pytest.approx(first)
    said = capsys.readouterr().err
    assert "LSTM(batch_input_shape=) is the Keras 2 spelling; in Keras 3: keras.Input(" in said
    assert "model.reset_states() is the Keras 2 spelling" in said


def test_a_shape_that_the_first_layer_states_gives_no_warning():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        keras2.install()
        keras.layers.Dense(2, input_shape=(3,))
    assert not caught


def test_layers_without_their_own_init_are_made_as_before():
    class Doubled(keras.layers.Layer):
        def call(self, x):
            return 2 * x

    layer = Doubled(name="twice")
    assert layer.get_config()["name"] == "twice"
    assert Doubled.from_config(layer.get_config()).name == "twice"


def test_other_words_are_still_unknown():
    with pytest.raises(ValueError, match="batch_input_shapes"):
        keras.layers.Dense(1, batch_input_shapes=(1, 2))
