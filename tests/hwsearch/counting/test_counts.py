"""Counts against numbers worked out by hand, brute force over loop indices, and XLA's analysis."""

from __future__ import annotations

import itertools
import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
keras = pytest.importorskip("keras")
from keras import layers  # noqa: E402

from hwsearch.counting import CountError, count  # noqa: E402


@pytest.fixture(autouse=True)
def fresh_names():
    keras.utils.clear_session(free_memory=False)


def chain(shape, *parts):
    return keras.Sequential([keras.Input(shape), *parts])


def test_the_network_of_a_tutorial_by_hand():
    model = chain(
        (8, 8, 1),
        layers.Conv2D(8, 3, padding="same", activation="relu", name="conv"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10, name="out"),
    )
    counts = count(model)
    assert counts.params == counts.trainable_params == (9 * 8 + 8) + (128 * 10 + 10)
    assert counts.weight_bytes == 4 * counts.params
    assert counts.macs == 64 * 9 * 8 + 128 * 10
    assert counts.uncounted == ()
    assert counts.exact
    assert [layer.macs for layer in counts.layers] == [4608, 0, 0, 0, 1280]
    assert counts.layers[0].output == (8, 8, 8)
    # The pooling holds its input (8x8x8) and its output (4x4x8); Flatten and Dropout are views.
    assert counts.activation_bytes == 4 * (512 + 128)
    assert counts.activation_bytes_total == 4 * (64 + 512 + 128 + 10)


ONE_LAYER = {
    "conv2d strides": ((9, 7, 4), lambda: layers.Conv2D(6, (3, 2), strides=2), 4 * 3 * 6 * 6 * 4),
    "conv2d dilation": ((9, 9, 2), lambda: layers.Conv2D(5, 3, dilation_rate=2), 25 * 5 * 9 * 2),
    "conv2d groups": ((5, 5, 8), lambda: layers.Conv2D(12, 3, groups=4), 9 * 12 * 9 * 2),
    "conv1d causal": ((10, 3), lambda: layers.Conv1D(4, 5, padding="causal"), 10 * 4 * 5 * 3),
    "conv3d": ((4, 5, 6, 2), lambda: layers.Conv3D(3, 2), 3 * 4 * 5 * 3 * 8 * 2),
    "depthwise": ((6, 6, 4), lambda: layers.DepthwiseConv2D(3, depth_multiplier=2), 16 * 8 * 9),
    "depthwise 1d": ((9, 4), lambda: layers.DepthwiseConv1D(3), 7 * 4 * 3),
    "separable": (
        (6, 6, 4),
        lambda: layers.SeparableConv2D(5, 3, depth_multiplier=2),
        16 * (8 * 9 + 8 * 5),
    ),
    "transpose": ((4, 5, 3), lambda: layers.Conv2DTranspose(7, 3, strides=2), 20 * 3 * 9 * 7),
    "dense": ((5,), lambda: layers.Dense(3), 15),
    "dense on rank 3": ((4, 6, 5), lambda: layers.Dense(3), 24 * 15),
    "einsum dense": (
        (6, 5),
        lambda: layers.EinsumDense("...x,xy->...y", output_shape=3, bias_axes="y"),
        6 * 5 * 3,
    ),
    "simple rnn": ((7, 3), lambda: layers.SimpleRNN(4), 7 * (12 + 16)),
    "lstm": ((7, 3), lambda: layers.LSTM(4, return_sequences=True), 7 * 4 * (12 + 16)),
    "gru": ((7, 3), lambda: layers.GRU(4), 7 * 3 * (12 + 16)),
    "rnn of cells": (
        (7, 3),
        lambda: layers.RNN([layers.LSTMCell(4), layers.GRUCell(5)]),
        7 * (4 * (12 + 16) + 3 * (20 + 25)),
    ),
    "bidirectional": ((7, 3), lambda: layers.Bidirectional(layers.GRU(4)), 2 * 7 * 3 * 28),
    "conv lstm": ((5, 8, 8, 3), lambda: layers.ConvLSTM2D(4, 3), 5 * 36 * 9 * (3 + 4) * 16),
    "time distributed": ((5, 6), lambda: layers.TimeDistributed(layers.Dense(4)), 5 * 24),
    "spectral norm": ((5, 5, 2), lambda: layers.SpectralNormalization(layers.Conv2D(3, 3)), 486),
    "bilinear": ((4, 4, 2), lambda: layers.UpSampling2D(interpolation="bilinear"), 64 * 2 * 4),
    "nearest": ((4, 4, 2), layers.UpSampling2D, 0),
    "batch norm": ((4, 4, 2), layers.BatchNormalization, 0),
    "layer norm": ((4, 4, 2), layers.LayerNormalization, 0),
    "zero padding": ((4, 4, 2), layers.ZeroPadding2D, 0),
    "global pooling": ((4, 4, 2), layers.GlobalAveragePooling2D, 0),
}


@pytest.mark.parametrize("name", ONE_LAYER)
def test_one_layer_by_hand(name):
    shape, make, macs = ONE_LAYER[name]
    counts = count(chain(shape, make()))
    assert counts.macs == macs
    assert counts.uncounted == ()


def test_channels_first_has_the_macs_of_channels_last():
    def macs(data_format, shape):
        return count(chain(shape, layers.Conv2D(6, 3, groups=2, data_format=data_format))).macs

    by_hand = 7 * 5 * 6 * 9 * 2
    assert macs("channels_last", (9, 7, 4)) == by_hand
    assert macs("channels_first", (4, 9, 7)) == by_hand


def test_embedding_looks_up():
    model = chain((6,), layers.Embedding(100, 8), layers.Dense(2))
    counts = count(model)
    assert counts.macs == 6 * 16
    assert counts.params == 800 + 18


@pytest.mark.parametrize("gate", [False, True])
def test_multi_head_attention_by_hand(gate):
    query, value = keras.Input((6, 16)), keras.Input((9, 12))
    options = {"use_gate": True} if gate else {}
    try:
        layer = layers.MultiHeadAttention(4, 8, value_dim=5, output_shape=7, **options)
    except (TypeError, ValueError):
        pytest.skip("this Keras has no gate")
    counts = count(keras.Model([query, value], layer(query, value=value)))
    projections = 6 * 16 * 32 + 9 * 12 * 32 + 9 * 12 * 20 + 6 * 20 * 7
    assert counts.macs == projections + 4 * 6 * 9 * (8 + 5) + gate * 6 * 16 * 20


def test_attention_over_two_axes():
    x = keras.Input((3, 4, 5, 8))
    layer = layers.MultiHeadAttention(2, 6, attention_axes=(2, 3))
    counts = count(keras.Model(x, layer(x, x)))
    tokens, heads = 4 * 5, 2
    assert counts.macs == 3 * heads * (4 * tokens * 8 * 6 + tokens * tokens * 12)


def test_attention_layers():
    query, value = keras.Input((6, 8)), keras.Input((9, 8))
    assert count(keras.Model([query, value], layers.Attention()([query, value]))).macs == 54 * 16
    grouped = layers.GroupQueryAttention(head_dim=4, num_query_heads=6, num_key_value_heads=2)
    counts = count(keras.Model([query, value], grouped(query, value)))
    assert counts.macs == 2 * 6 * 8 * 24 + 2 * 9 * 8 * 8 + 6 * 54 * 4 * 2


@pytest.mark.parametrize("scale", [True, False])
def test_additive_attention(scale):
    query, value, key = keras.Input((6, 8)), keras.Input((9, 5)), keras.Input((9, 8))
    layer = layers.AdditiveAttention(use_scale=scale)
    counts = count(keras.Model([query, value, key], layer([query, value, key])))
    assert counts.macs == 6 * 9 * (8 * scale + 5)


def test_an_embedding_looked_up_backwards():
    if not hasattr(layers, "ReversibleEmbedding"):
        pytest.skip("this Keras has no reversible embedding")
    x = keras.Input((6,), dtype="int32")
    embedding = layers.ReversibleEmbedding(100, 8)
    counts = count(keras.Model(x, embedding(embedding(x), reverse=True)))
    assert counts.macs == 6 * 8 * 100
    assert counts.exact


def test_a_dimension_that_the_model_loses_is_no_zero():
    x = keras.Input((6, 5))
    y = layers.EinsumDense("abc,cd->abd", output_shape=(None, 3))(x)  # Keras forgets the 6
    counts = count(keras.Model(x, layers.Dense(2, name="after")(y)))
    assert counts.layers[0].macs == 6 * 5 * 3
    assert counts.uncounted == ("after (Dense)",)
    z = layers.Attention(name="late")([y, y])
    assert count(keras.Model(x, z)).uncounted == ("late (Attention)",)


ONE_FACTOR = ("Brightness", "Contrast", "Rotation", "Zoom")
ONE_FACTOR += ("ColorDegeneration", "Hue", "Saturation", "Sharpness")
AUGMENTATIONS = {
    name: () for name in dir(layers) if name.startswith("Random") and "Crop" not in name
}
AUGMENTATIONS |= {f"Random{name}": (0.2,) for name in ONE_FACTOR}
AUGMENTATIONS |= {"RandomTranslation": (0.2, 0.2), "RandomPosterization": (4,)}


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_augmentation_is_nothing_in_inference(name):
    made = getattr(layers, name, None)
    if made is None:
        pytest.skip("not in this Keras")
    counts = count(chain((8, 8, 3), made(*AUGMENTATIONS[name]), layers.Conv2D(2, 3)))
    assert (counts.macs, counts.uncounted) == (36 * 27 * 2, ())


def test_shared_layer_counts_once_a_call_and_its_weights_once():
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


def test_models_within_wrappers():
    part = keras.Sequential([layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2)])
    model = chain((10, 8, 8, 3), layers.TimeDistributed(part))
    assert count(model).macs == 10 * (36 * 27 * 4 + 144 * 2)


def test_branches_merge():
    x = keras.Input((8, 8, 4))
    scale = layers.Dense(4, activation="sigmoid")(layers.GlobalAveragePooling2D()(x))
    scaled = layers.Multiply()([x, layers.Reshape((1, 1, 4))(scale)])
    joined = layers.Concatenate()([x, layers.Add()([x, scaled])])
    counts = count(keras.Model(x, joined))
    assert counts.macs == 16
    # At the end the input, the sum and the concatenation are alive: 4 + 4 + 8 channels.
    assert counts.activation_bytes == 4 * 64 * 16
    assert counts.activation_bytes_total == 4 * (256 + 4 + 4 + 256 + 256 + 512)


def test_operations_on_symbolic_tensors():
    x, y = keras.Input((6, 8)), keras.Input((8, 5))
    product = keras.ops.matmul(x, y)
    product = keras.ops.einsum("bij,bkj->bik", product, product) + 1.0
    counts = count(keras.Model([x, y], keras.ops.softmax(product[:, :3])))
    assert counts.macs == 6 * 8 * 5 + 6 * 6 * 5
    constant = keras.ops.matmul(keras.ops.ones((4, 6)), x)
    assert count(keras.Model(x, constant)).macs == 4 * 6 * 8
    assert counts.uncounted == ()


def test_dot_layer():
    x, y = keras.Input((6, 8)), keras.Input((5, 8))
    assert count(keras.Model([x, y], layers.Dot(axes=2)([x, y]))).macs == 6 * 5 * 8
    assert count(keras.Model([x, y], layers.Dot(axes=-1)([x, y]))).macs == 6 * 5 * 8


def test_what_cannot_be_counted_is_named_and_makes_the_sum_a_lower_bound():
    counts = count(
        chain((4,), layers.Lambda(lambda x: x * 2, name="twice"), layers.Dense(3, name="d"))
    )
    assert counts.uncounted == ("twice (Lambda)",)
    assert json.loads(json.dumps(counts.summary())) == {
        "params": 15,
        "trainable_params": 15,
        "weight_bytes": 60,
        "macs": 12,
        "activation_bytes": 32,
        "activation_bytes_total": 44,
        "uncounted": ["twice (Lambda)"],
    }
    assert not counts.exact
    assert counts.macs == 12
    assert [layer.macs for layer in counts.layers] == [None, 12]


class Block(layers.Layer):
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


def test_a_layer_of_ones_own_is_named_and_its_parts_are_counted():
    model = chain((7,), Block(name="mine"))
    counts = count(model)
    assert counts.uncounted == ("mine (Block)",)
    assert counts.macs == 7 * 5 + 5 * 6
    assert [layer.name for layer in counts.layers] == ["mine", "first", "second"]
    assert tuple(model(keras.ops.zeros((1, 7))).shape) == (1, 6)


class Doubled(layers.Dense):
    def call(self, inputs):
        return 2 * super().call(inputs)


class Renamed(layers.Dense):
    """Leaves the arithmetic as it is."""


def test_derived_layers():
    assert count(chain((4,), Renamed(3))).macs == 12
    assert count(chain((4,), Doubled(3, name="d"))).uncounted == ("d (Doubled)",)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__(name="sub")
        self.part = layers.Dense(5)

    def call(self, x):
        return self.part(x)


def test_a_subclassed_model_needs_a_shape_and_is_named():
    with pytest.raises(CountError, match="model 'sub' does not tell the shape of its input"):
        count(Subclassed())
    counts = count(Subclassed(), (4,))
    assert (counts.macs, counts.params, counts.uncounted) == (20, 25, ("sub (Subclassed)",))


def test_open_dimensions_need_a_shape():
    x = keras.Input((None, 5), name="words")
    model = keras.Model(x, layers.LSTM(7)(x), name="text")
    with pytest.raises(CountError, match=r"model 'text' leaves .* open: \(None, 5\)"):
        count(model)
    assert count(model, (11, 5)).macs == 11 * 4 * (35 + 49)
    with pytest.raises(CountError, match=r"takes \(None, 5\) for one image, got \(11, 6\)"):
        count(model, (11, 6))
    with pytest.raises(CountError, match="has 1 inputs, got 2 shapes"):
        count(model, [(11, 5), (3, 5)])


def test_an_unbuilt_sequence_of_layers():
    model = keras.Sequential([layers.Dense(3), layers.Dense(2)])
    with pytest.raises(CountError, match="does not tell the shape"):
        count(model)
    assert count(model, (4,)).macs == 18


def test_a_fixed_batch_size_does_not_change_the_count_per_image():
    def model(batch):
        x = keras.Input(batch_shape=(batch, 6, 3))
        return keras.Model(x, layers.Dense(2)(layers.LSTM(4)(x)))

    fixed, free = count(model(32)), count(model(None))
    assert (fixed.macs, fixed.activation_bytes) == (free.macs, free.activation_bytes)


def test_bytes_follow_the_types():
    half = keras.Sequential(
        [keras.Input((8,), dtype="uint8"), layers.Dense(16, dtype="mixed_bfloat16")]
    )
    counts = count(half)
    assert counts.activation_bytes == 8 * 1 + 16 * 2
    assert counts.weight_bytes == 4 * (8 * 16 + 16)


def test_frozen_weights_are_not_trainable():
    model = chain((4,), layers.Dense(3, trainable=False), layers.BatchNormalization())
    counts = count(model)
    assert counts.params == 15 + 4 * 3
    assert counts.trainable_params == 2 * 3


def test_counting_leaves_the_model_as_it_is():
    x = keras.Input((7,))
    block = Block()
    model = keras.Model(x, block(x))
    before = (model.to_json(), len(block._inbound_nodes), "call" in vars(block.first))
    count(model)
    assert (model.to_json(), len(block._inbound_nodes), "call" in vars(block.first)) == before


def places(length, kernel, stride, dilation, padding):
    """How often a kernel is laid on an axis, by trying every place."""
    reach = (kernel - 1) * dilation + 1
    starts = range(0, length, stride)
    if padding == "same":
        return len(starts)
    return sum(start + reach <= length for start in starts)


def brute_force(shape, kernel, strides, dilations, padding, filters, groups):
    """Multiply-adds of a convolution, by going through every index of its definition."""
    *spatial, channels = shape
    outputs = [
        range(places(*axis, padding))
        for axis in zip(spatial, kernel, strides, dilations, strict=True)
    ]
    total = 0
    for _place in itertools.product(*outputs):
        for chosen, channel in itertools.product(range(filters), range(channels)):
            together = chosen // (filters // groups) == channel // (channels // groups)
            for _tap in itertools.product(*(range(k) for k in kernel)):
                total += together
    return total


@st.composite
def convolutions(draw):
    rank = draw(st.integers(1, 3))
    small = st.integers(1, 2)
    groups = draw(small)
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    # TensorFlow takes strides or dilation, not both.
    strides = (draw(small),) * rank
    dilations = (draw(small) if strides[0] == 1 else 1,) * rank
    reach = [(k - 1) * dilations[0] + 1 for k in kernel]
    spatial = [draw(st.integers(r, r + 2)) for r in reach]
    return {
        "shape": (*spatial, groups * draw(small)),
        "kernel": kernel,
        "strides": strides,
        "dilations": dilations,
        "padding": draw(st.sampled_from(["valid", "same"])),
        "filters": groups * draw(small),
        "groups": groups,
    }


@settings(max_examples=60, deadline=None)
@given(convolutions(), st.integers(1, 4))
def test_convolution_then_dense_by_brute_force(conv, units):
    kind = {1: layers.Conv1D, 2: layers.Conv2D, 3: layers.Conv3D}[len(conv["kernel"])]
    layer = kind(
        conv["filters"],
        conv["kernel"],
        strides=conv["strides"],
        dilation_rate=conv["dilations"],
        padding=conv["padding"],
        groups=conv["groups"],
    )
    counts = count(chain(conv["shape"], layer, layers.Flatten(), layers.Dense(units)))
    assert counts.layers[0].macs == brute_force(**conv)
    *spatial, _ = conv["shape"]
    values = conv["filters"]
    for axis in zip(spatial, conv["kernel"], conv["strides"], conv["dilations"], strict=True):
        values *= places(*axis, conv["padding"])
    assert counts.layers[2].macs == sum(1 for _ in range(values) for _ in range(units))
    assert counts.activation_bytes_total >= counts.activation_bytes > 0


def residual():
    x = keras.Input((16, 16, 3))
    y = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    z = layers.DepthwiseConv2D(3, padding="same")(y)
    z = layers.Conv2D(8, 1)(z)
    z = layers.Conv2DTranspose(4, 3, strides=2, padding="same")(layers.Add()([y, z]))
    z = layers.SeparableConv2D(6, 3)(z)
    return keras.Model(x, layers.Dense(10)(layers.GlobalAveragePooling2D()(z)))


def plain():
    return chain(
        (12, 10, 2),
        layers.Conv2D(6, (3, 2), padding="same"),
        layers.MaxPooling2D(),
        layers.Conv2D(7, 3, padding="valid", activation="relu"),
        layers.Flatten(),
        layers.Dense(20),
        layers.Dense(3),
    )


@pytest.mark.parametrize("make", [residual, plain])
def test_tensorflow_counts_twice_as_many_operations(make):
    """TensorFlow's own figures for its operations: two a multiply-add."""
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("another backend runs the tests")
    from tensorflow.python.framework import ops

    model = make()
    run = tf.function(lambda x: model(x, training=False))
    graph = run.get_concrete_function(tf.TensorSpec((1, *model.input_shape[1:]))).graph
    kinds = {"Conv2D", "DepthwiseConv2dNative", "MatMul", "Conv2DBackpropInput"}
    flops = 0
    for operation in graph.get_operations():
        if operation.type in kinds:
            figure = ops.get_stats_for_node_def(graph, operation.node_def, "flops").value
            flops += figure or 0
    counts = count(model)
    assert flops == 2 * counts.macs
    assert counts.params == model.count_params()
