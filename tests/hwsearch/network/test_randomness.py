"""Random numbers are as they were, whatever was drawn in between."""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.randomness import State, unchanged


@pytest.fixture(scope="module")
def model():
    parts = [keras.Input((4,)), keras.layers.Dense(4), keras.layers.Dropout(0.5)]
    return keras.Sequential(parts)


def drawn(model):
    """A number of each generator that a script may use."""
    return (
        random.random(),
        np.random.rand(),  # noqa: NPY002 - what scripts use
        float(keras.random.uniform(())),
        keras.ops.convert_to_numpy(model(np.ones((2, 4)), training=True)).tolist(),
    )


def test_numbers_that_are_drawn_in_between_do_not_matter(model):
    keras.utils.set_random_seed(3)
    with unchanged(model):
        first = drawn(model)
        assert drawn(model) != first
    assert drawn(model) == first


def test_an_exception_in_between_does_not_matter(model):
    keras.utils.set_random_seed(3)
    first = []
    with contextlib.suppress(KeyError), unchanged(model):
        first.append(drawn(model))
        raise KeyError
    assert [drawn(model)] == first


def test_weights_are_kept_only_if_they_are_asked_for(model):
    before = model.get_weights()[0]
    for kept in (True, False):
        state = State(model, weights=kept)
        model.layers[0].kernel.assign(before + 1)
        state.restore()
        assert (model.get_weights()[0] == before).all() == kept


def test_states_of_recurrent_layers_are_kept():
    recurrent = keras.Sequential(
        [keras.Input(batch_shape=(1, 2, 1)), keras.layers.GRU(2, stateful=True)]
    )
    x = np.ones((1, 2, 1))
    recurrent(x)
    with unchanged(recurrent):
        second = keras.ops.convert_to_numpy(recurrent(x))
    assert (keras.ops.convert_to_numpy(recurrent(x)) == second).all()
