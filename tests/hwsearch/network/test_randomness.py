"""Random numbers are as they were, whatever was drawn in between."""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.randomness import State, draws_undone, unchanged


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


class Noise(keras.layers.Layer):
    """Draws in inference too; makes one of its generators when it is built."""

    def __init__(self):
        super().__init__()
        self.first = keras.random.SeedGenerator(7)

    def build(self, _shape):
        self.second = keras.random.SeedGenerator()

    def call(self, x):
        shape = keras.ops.shape(x)
        return x + sum(keras.random.normal(shape, seed=one) for one in (self.first, self.second))


def test_what_is_drawn_is_taken_back_and_what_is_built_stays():
    class Noisy(keras.Model):
        def __init__(self):
            super().__init__()
            self.noise = Noise()

        def call(self, x):
            return self.noise(x) + keras.random.normal((2,))

    model, rows = Noisy(), np.ones((3, 2), "float32")
    keras.utils.set_random_seed(3)
    with draws_undone(model):
        first = keras.ops.convert_to_numpy(model(rows))
    assert model.noise.built
    assert (keras.ops.convert_to_numpy(model(rows)) == first).all()
    with draws_undone(model):
        second = keras.ops.convert_to_numpy(model(rows))
    assert (second != first).all()
    assert (keras.ops.convert_to_numpy(model(rows)) == second).all()
