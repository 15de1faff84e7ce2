from __future__ import annotations

import keras
import numpy as np
import pytest

from hwsearch.network.folds.fold_checks import rows, structure


def model(units=4, activation="relu", rate=0.1, loss="mse", drop=0.5):
    layers = [
        keras.Input((3,)),
        keras.layers.Dense(units, activation),
        keras.layers.Dropout(drop),
        keras.layers.Dense(1),
    ]
    made = keras.Sequential(layers)
    made.compile(keras.optimizers.SGD(rate), loss)
    return made


def test_two_models_that_one_function_builds_have_one_structure():
    assert structure(model()) == structure(model())


@pytest.mark.parametrize(
    "other",
    [{"units": 5}, {"activation": "tanh"}, {"rate": 0.2}, {"loss": "mae"}, {"drop": 0.1}],
)
def test_another_layer_optimizer_or_loss_is_another_structure(other):
    assert structure(model()) != structure(model(**other))


def test_a_layer_without_a_configuration_has_its_shapes():
    class Own(keras.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units

        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1], self.units))

        def call(self, inputs):
            return inputs @ self.kernel

    def made(units):
        own = keras.Sequential([keras.Input((3,)), Own(units)])
        own.compile("sgd", "mse")
        return own

    assert structure(made(2)) == structure(made(2)) != structure(made(3))


def test_rows_are_compared_by_their_values():
    x = np.arange(40.0).reshape(10, 4)
    assert rows(x[:5], x[:5, 0]) == rows(x[:5].copy(), x[:5, 0].copy())
    assert rows(x[:5]) != rows(x[1:6])
    assert rows(x[:5]) != rows(x[:5].astype("float32"))
    assert rows([x, {"a": x}]) != rows([x, {"a": x + 1}])
    assert rows(x, None) == rows(x)


def test_rows_of_large_arrays():
    x = np.arange(50_001)
    assert rows(x) == rows(x.copy()) != rows(np.delete(x, 3))


def test_a_stream_equals_itself_alone():
    one, other = (i for i in "ab"), (i for i in "ab")
    assert rows(one) == rows(one) != rows(other)
