"""Layers that state their MACs, and the trace of a layer's code."""

from __future__ import annotations

import pytest

from hwsearch.counting import CountError, count
from hwsearch.counting.own_code import StatementError, declared_macs, trace
from hwsearch.keras_runtime import keras
from tests.hwsearch.counting.models import chain

layers = keras.layers


class Stating(keras.layers.Layer):
    """Looks like a Fourier transform, and states what it costs."""

    def __init__(self, macs, **kwargs):
        super().__init__(**kwargs)
        self.macs = macs
        self.inner = layers.Dense(4)

    def call(self, x):
        return keras.ops.fft((self.inner(x), x))[0]

    def compute_output_shape(self, shape):
        return shape


@pytest.mark.parametrize(("macs", "expected"), [(17, 17), (0, 0), (lambda shape: 3 * shape[1], 12)])
def test_a_layer_states_its_macs_with_those_inside(macs, expected):
    counts = count(chain((4,), Stating(macs), layers.Dense(2)))
    assert counts.uncounted == ()
    assert counts.macs == expected + 8


def test_stated_macs_are_per_image():
    assert declared_macs(Stating(5), [(3, 4)]) == 15
    assert declared_macs(Stating(lambda a, b: a[1] * b[1]), [(2, 4), (2, 5)]) == 40
    assert declared_macs(layers.Dense(2), [(1, 4)]) is None


@pytest.mark.parametrize("macs", [-1, 1.5, "many"])
def test_unusable_statements(macs):
    with pytest.raises(StatementError):
        declared_macs(Stating(macs), [(1, 4)])
    with pytest.raises(CountError) as caught:
        count(chain((4,), Stating(macs, name="wrong")))
    assert str(caught.value) == (
        f"layer wrong (Stating): macs is {macs!r}; expected a whole number of at least 0, per image"
    )


class Pair(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x, training):
        return self.dense(x) @ keras.ops.ones((3, 5 if training else 2))


def test_a_trace_leaves_out_the_layers_inside_and_is_that_of_inference():
    pair = Pair()
    traced = trace(pair, (keras.KerasTensor((1, 4)),), {})
    assert traced.macs == 3 * 2
    assert tuple(traced.outputs.shape) == (1, 2)
    (child,) = traced.children
    assert child.layer is pair.dense
    assert tuple(child.args[0].shape) == (1, 4)
    assert "call" not in vars(pair)
    assert "call" not in vars(pair.dense)


def test_a_layer_may_know_more_about_its_output_than_its_code_shows():
    class Cut(keras.layers.Layer):
        def call(self, x):
            return x[:, : keras.ops.sum(keras.ops.cast(x > -1, "int32"))]

        def compute_output_shape(self, shape):
            return (shape[0], 3)

    traced = trace(Cut(), (keras.KerasTensor((1, 5)),), {})
    assert traced.macs == 0
    assert tuple(traced.outputs.shape) == (1, 3)
