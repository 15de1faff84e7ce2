"""Layers with code of their own, by what their code does: input shape, layer, MACs by hand.

As a program it counts all of them on the backend that KERAS_BACKEND names, and prints JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hwsearch.counting import count
from hwsearch.counting.tracing import tracer
from hwsearch.keras_runtime import keras

layers, ops = keras.layers, keras.ops


class Code(keras.layers.Layer):
    """A layer whose code is a function of its input."""

    def __init__(self, function: Callable[[Any], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)


def convolutions(x: Any) -> Any:
    x = ops.conv(x, ops.ones((3, 3, 2, 6)))  # two groups: 4 channels, kernels of 2
    x = ops.depthwise_conv(x, ops.ones((3, 3, 6, 1)))
    x = ops.separable_conv(x, ops.ones((2, 2, 6, 2)), ops.ones((1, 1, 12, 5)))
    return ops.conv_transpose(x, ops.ones((3, 3, 7, 5)), strides=2)


class TwoLayers(keras.Model):
    """A model with a call of its own, which computes beside its layers and needs `training`."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = layers.Dense(5), layers.Dense(3)
        self.drop = layers.Dropout(0.5)

    def call(self, x: Any, training: bool) -> Any:
        x = ops.matmul(self.drop(self.first(x), training=training), ops.ones((5, 2)))
        return self.second(x)


class Cell(keras.layers.Layer):
    """A recurrent cell with two states."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.state_size = [units, units]
        self.dense = layers.Dense(units)

    def build(self, shape: Any) -> None:
        units = self.state_size[0]
        self.dense.build((None, shape[-1] + units))
        self.square = self.add_weight(shape=(units, units))

    def call(self, x: Any, states: Any, training: bool = False) -> Any:
        h = self.dense(ops.concatenate([x, states[0]], -1))
        return h, [ops.matmul(h, self.square), states[1]]


KNOWN: dict[str, tuple[tuple[int, ...], Callable[[], Any], int]] = {
    "no arithmetic": ((6,), lambda: Code(lambda x: ops.tanh(x) * 2 + 1), 0),
    "matmul": ((6, 4), lambda: Code(lambda x: ops.matmul(x, ops.ones((4, 7)))), 6 * 4 * 7),
    "turned": (
        (6, 4),
        lambda: Code(lambda x: ops.matmul(ops.transpose(x, (0, 2, 1)), x)),
        4 * 6 * 4,
    ),
    "einsum": ((6, 4), lambda: Code(lambda x: ops.einsum("bij,bkj->bik", x, x)), 6 * 6 * 4),
    "tensordot": ((6, 4), lambda: Code(lambda x: ops.tensordot(x, ops.ones((6, 4, 3)), 2)), 72),
    "convolutions": (
        (10, 10, 4),
        lambda: Code(convolutions),
        64 * 6 * 9 * 2 + 36 * 6 * 9 + 25 * (12 * 4 + 12 * 5) + 25 * 5 * 9 * 7,
    ),
    "lambda": ((5,), lambda: layers.Lambda(lambda x: ops.dot(x, ops.ones((5, 7)))), 35),
    "model": ((4,), TwoLayers, 4 * 5 + 5 * 2 + 2 * 3),
    "own cell": ((7, 3), lambda: layers.RNN(Cell(4)), 7 * ((3 + 4) * 4 + 4 * 4)),
    "branches": (
        (4,),
        lambda: Code(
            lambda x: ops.cond(ops.sum(x) > 0, lambda: ops.matmul(x, ops.ones((4, 4))), lambda: x)
        ),
        16,
    ),
}
UNKNOWN: dict[str, tuple[tuple[int, ...], Callable[[], Any], str]] = {
    "fourier": ((8,), lambda: Code(lambda x: ops.fft((x, x))[0], name="a"), "a (Code: "),
    "decomposition": ((3, 3), lambda: Code(ops.cholesky, name="b"), "b (Code: "),
}
MODELS = {"MobileNetV3Small": 56510400, "ConvNeXtTiny": 4455531264}


def of_graph(model: Any) -> int:
    """MACs of a whole model as the backend's trace has them, without any rule."""
    from keras.src.backend import compute_output_spec

    tracing = tracer()
    assert tracing is not None
    image = keras.KerasTensor((1, *model.input_shape[1:]))
    compute_output_spec(lambda x: tracing.own(model.call, x), image)
    assert not tracing.unknown
    return tracing.macs


def built(shape: tuple[int, ...], layer: Any) -> Any:
    """A model itself, or a layer as a model."""
    return (
        layer if isinstance(layer, keras.Model) else keras.Sequential([keras.Input(shape), layer])
    )


def counted() -> dict[str, Any]:
    """What `count` says of all cases, and what the backend's trace says of a large model."""
    found: dict[str, Any] = {}
    for name, (shape, make, _) in (KNOWN | UNKNOWN).items():
        counts = count(built(shape, make()), shape)
        found[name] = [counts.macs, *counts.uncounted]
    model = keras.applications.MobileNetV3Small(weights=None, input_shape=(224, 224, 3))
    return found | {"model by rules": count(model).macs, "model by trace": of_graph(model)}


if __name__ == "__main__":
    print(json.dumps(counted()))
