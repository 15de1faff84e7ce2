"""Which calls are found in a model, and with which shapes."""

from __future__ import annotations

import pytest

from hwsearch.counting import CountError, count
from hwsearch.counting.walk import Walk, graph_of
from hwsearch.keras_runtime import keras
from tests.hwsearch.counting.models import chain

layers = keras.layers


def test_a_shared_layer_counts_per_call_and_its_weights_once():
    x = keras.Input((7,))
    shared = layers.Dense(7, name="shared")
    counts = count(keras.Model(x, shared(shared(shared(x)))))
    assert counts.macs == 3 * 49
    assert counts.params == 56
    assert [layer.name for layer in counts.layers] == ["shared"] * 3


def test_nested_models_are_walked_with_the_shapes_of_the_call():
    inner = keras.Sequential([keras.Input((None, None, 2)), layers.Conv2D(3, 3)])
    small, large = keras.Input((5, 5, 2)), keras.Input((9, 9, 2))
    model = keras.Model([small, large], [inner(small), inner(large)])
    assert count(model).macs == (9 + 49) * 3 * 18


def test_models_inside_wrappers():
    part = keras.Sequential([layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2)])
    model = chain((10, 8, 8, 3), layers.TimeDistributed(part))
    assert count(model).macs == 10 * (36 * 27 * 4 + 144 * 2)


class Block(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first, self.second = layers.Dense(5, name="first"), layers.Dense(6, name="second")

    def build(self, shape):
        self.first.build(shape)
        self.second.build((*shape[:-1], 5))

    def compute_output_shape(self, shape):
        return (*shape[:-1], 6)

    def call(self, x):
        return self.second(keras.ops.matmul(self.first(x), keras.ops.eye(5)))


def test_the_code_of_a_layer_without_a_rule_and_its_children_are_counted():
    model = chain((7,), Block(name="mine"))
    counts = count(model)
    assert counts.uncounted == ()
    assert [layer.macs for layer in counts.layers] == [5 * 5, 7 * 5, 5 * 6]
    assert counts.macs == 5 * 5 + 7 * 5 + 5 * 6
    assert [layer.name for layer in counts.layers] == ["mine", "first", "second"]
    assert tuple(model(keras.ops.zeros((1, 7))).shape) == (1, 6)


class Doubled(keras.layers.Dense):
    def call(self, inputs):
        return 2 * super().call(inputs)


class Renamed(keras.layers.Dense):
    """Has the arithmetic of its base."""


def test_derived_layers():
    assert count(chain((4,), Renamed(3))).macs == 12
    doubled = count(chain((4,), Doubled(3)))
    assert (doubled.macs, doubled.uncounted) == (12, ())


def test_counting_leaves_the_model_as_it_is():
    x = keras.Input((7,))
    block = Block()
    model = keras.Model(x, block(x))
    before = (model.to_json(), len(block._inbound_nodes), "call" in vars(block.first))
    count(model)
    assert (model.to_json(), len(block._inbound_nodes), "call" in vars(block.first)) == before


class Broken(keras.layers.Layer):
    def call(self, x):
        raise ValueError("two\nlines")


def test_a_layer_that_cannot_be_traced_is_named():
    x = keras.Input((7,))
    graph = keras.Model(x, layers.Dense(2)(x))
    broken = Broken(name="bad")
    with pytest.raises(CountError) as caught:
        Walk().call(broken, graph.outputs[0])
    assert str(caught.value).startswith("layer bad (Broken): cannot determine its output shape: ")
    assert "\n" not in str(caught.value)


def test_only_models_without_a_call_of_their_own_are_graphs():
    sequential = chain((4,), layers.Dense(2))
    assert graph_of(sequential) is sequential._functional
    assert graph_of(sequential._functional) is sequential._functional
    assert graph_of(layers.Dense(2)) is None

    class Own(keras.Sequential):
        def call(self, *args, **kwargs):
            return super().call(*args, **kwargs)

    assert graph_of(Own([keras.Input((4,)), layers.Dense(2)])) is None
