"""Networks that cost the same have the same signature, and no others."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest

from hwsearch.counting import count
from hwsearch.keras_runtime import keras
from hwsearch.predicting.features import Structure
from hwsearch.predicting.signature import signature

layers = keras.layers


def network(
    *,
    units=8,
    activation="relu",
    pool=layers.MaxPooling2D,
    strides=1,
    rate=0.1,
    decay=0.01,
    initializer="he_normal",
    momentum=0.9,
    seed=1,
    name=None,
    noise=0.1,
):
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.GaussianNoise(noise, seed=seed),
            layers.Conv2D(4, 3, strides=strides, padding="same", activation=activation, name=name),
            layers.BatchNormalization(momentum=momentum),
            pool(2),
            layers.Flatten(),
            layers.Dense(
                units,
                kernel_regularizer=keras.regularizers.L2(decay),
                kernel_initializer=initializer,
            ),
            layers.Dropout(rate, seed=seed),
        ]
    )


def of(model, batch=32, shape=None):
    counts = count(model, shape)
    return signature(model, Structure.of(counts, batch), counts.operations)


@pytest.fixture(scope="module")
def plain():
    return of(network())


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 0.5},
        {"decay": 0.1},
        {"initializer": "glorot_uniform"},
        {"momentum": 0.5},
        {"seed": 7},
        {"name": "first"},
        {"noise": 0.5},
    ],
)
def test_values_that_change_no_cost(plain, change):
    assert of(network(**change)) == plain


@pytest.mark.parametrize(
    "change",
    [
        {"units": 9},
        {"activation": "tanh"},
        {"pool": layers.AveragePooling2D},
        {"strides": 2},
    ],
)
def test_values_that_change_the_structure(plain, change):
    assert of(network(**change)) != plain


def test_the_batch_counts(plain):
    assert of(network(), 64) != plain


def branched(order, names):
    """Two branches whose outputs are subtracted in one order or the other."""
    inputs = keras.Input((4,))
    parts = [layers.Dense(3, "relu", name=names[0])(inputs), layers.Dense(3, name=names[1])(inputs)]
    outputs = layers.Subtract()([parts[i] for i in order])
    return keras.Model(inputs, outputs)


def test_graphs_are_compared_by_their_connections():
    first = of(branched((0, 1), ("a", "b")))
    assert of(branched((0, 1), ("x", None))) == first
    assert of(branched((1, 0), ("a", "b"))) != first


class Own(keras.Model):
    """No configuration: it takes a layer."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, inputs):
        return self.inner(inputs)


def own(units, activation):
    model = Own(layers.Dense(units, activation))
    model(np.zeros((1, 4)))
    return of(model, 8, (4,))


def test_models_of_subclasses():
    assert own(3, "relu") == own(3, "relu")
    networks = [own(units, activation) for units in (3, 4) for activation in ("relu", "tanh")]
    assert all(a != b for a, b in itertools.combinations(networks, 2))


class Blocks(keras.Model):
    """Its configuration says nothing of the layers inside, nor of what `call` does."""

    def __init__(self, *, function=keras.ops.relu, rounds=1, slope=0.5, rate=0.1, **of_conv):
        super().__init__()
        self.function, self.rounds, self.slope = function, rounds, slope
        self.conv = layers.Conv2D(4, 3, **of_conv)
        self.dropout = layers.Dropout(rate)
        self.dense = layers.Dense(2)

    def call(self, inputs):
        x = self.dropout(self.conv(inputs))
        for _ in range(self.rounds):
            x = self.slope * self.function(x)
        return self.dense(keras.ops.mean(x, (1, 2)))


def blocks(**options):
    model = Blocks(**options)
    model(np.zeros((1, 8, 8, 1), "float32"))
    return of(model, 8, (8, 8, 1))


def test_what_own_code_does_counts():
    plain = blocks()
    assert blocks(slope=0.2, rate=0.4, kernel_regularizer="l2") == plain
    changes = [{"function": keras.ops.gelu}, {"rounds": 9}, {"activation": "elu"}]
    assert all(blocks(**change) != plain for change in changes)


def test_the_type_of_numbers_in_own_code_counts():
    """Before, two types made networks that cost the same."""
    half, brain = (
        blocks(function=lambda x, kind=kind: keras.ops.cast(x, kind))
        for kind in ("float16", "bfloat16")
    )
    assert half != brain


def cheap(x):
    return x


def costly(x):
    return keras.ops.sort(keras.ops.sort(x))


def with_activation(function, name):
    function.__qualname__ = function.__name__ = name
    return of(keras.Sequential([keras.Input((4,)), layers.Dense(3, activation=function)]))


def test_what_own_activation_functions_do_counts():
    assert with_activation(cheap, "mine") == with_activation(cheap, "mine")
    assert with_activation(cheap, "mine") != with_activation(costly, "mine")


class Rounds:
    """An activation whose configuration says nothing of what it does."""

    def __init__(self, rounds):
        self.rounds, self.__name__ = rounds, "rounds"

    def __call__(self, x):
        return sorted_often(x, self.rounds)

    def get_config(self):
        return {}


class Sorting(keras.Layer):
    def __init__(self, rounds):
        super().__init__(name="sorting")
        self.rounds = rounds

    def call(self, x):
        return sorted_often(x, self.rounds)


def sorted_often(x, rounds):
    for _ in range(rounds):
        x = keras.ops.sort(x)
    return x


@pytest.mark.parametrize("kind", [Rounds, Sorting, lambda n: partial(sorted_often, rounds=n)])
def test_activations_may_be_objects(kind):
    """Before, networks that differ only in these got the measured costs of each other."""

    def of_rounds(rounds):
        dense = layers.Dense(3, activation=kind(rounds))
        return of(keras.Sequential([keras.Input((4,)), dense]))

    assert of_rounds(1) == of_rounds(1) != of_rounds(5)


def test_a_layer_that_states_its_macs_is_known_by_what_it_does():
    def stated(function):
        layer = layers.Lambda(function, output_shape=(4,))
        object.__setattr__(layer, "macs", 10)
        model = keras.Sequential([keras.Input((4,)), layer])
        object.__setattr__(layer, "get_config", dict)
        return of(model)

    assert stated(cheap) == stated(cheap) != stated(costly)
