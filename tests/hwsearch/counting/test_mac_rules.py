"""MACs against numbers worked out by hand, brute force over loop indices, and TensorFlow's own."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsearch.counting import count
from hwsearch.keras_runtime import keras
from tests.hwsearch.counting.models import chain

layers = keras.layers


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


def test_an_embedding_needs_no_macs():
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


def test_a_reversed_embedding():
    if not hasattr(layers, "ReversibleEmbedding"):
        pytest.skip("this Keras has no reversible embedding")
    x = keras.Input((6,), dtype="int32")
    embedding = layers.ReversibleEmbedding(100, 8)
    counts = count(keras.Model(x, embedding(embedding(x), reverse=True)))
    assert counts.macs == 6 * 8 * 100
    assert counts.uncounted == ()


def test_a_dimension_that_the_model_loses_is_not_zero():
    x = keras.Input((6, 5))
    y = layers.EinsumDense("abc,cd->abd", output_shape=(None, 3))(x)  # Keras forgets the 6
    counts = count(keras.Model(x, layers.Dense(2, name="after")(y)))
    assert counts.layers[0].macs == 6 * 5 * 3
    assert counts.uncounted == ("after (Dense: MatMul of unknown shape)",)
    z = layers.Attention(name="late")([y, y])
    assert count(keras.Model(x, z)).uncounted == (
        "late (Attention: BatchMatMulV2 of unknown shape)",
    )


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


def positions(length, kernel, stride, dilation, padding):
    """Number of positions of a kernel on one axis, by trying each."""
    reach = (kernel - 1) * dilation + 1
    starts = range(0, length, stride)
    if padding == "same":
        return len(starts)
    return sum(start + reach <= length for start in starts)


def brute_force(shape, kernel, strides, dilations, padding, filters, groups):
    """Multiply-adds of a convolution, one by one over all indices of its definition."""
    *spatial, channels = shape
    outputs = [
        range(positions(*axis, padding))
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


@settings(max_examples=60)
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
        values *= positions(*axis, conv["padding"])
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
    """TensorFlow counts two operations per multiply-add."""
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


def test_low_rank_adapters_are_multiplied_into_the_kernel():
    model = chain((4,), layers.Dense(3))
    model.layers[0].enable_lora(2)
    assert count(model).macs == 4 * 2 * 3 + 4 * 3


def test_the_layer_of_a_wrapper_may_be_unknown():
    inner = layers.Lambda(keras.ops.cholesky, name="inner")
    counts = count(chain((5, 6, 6), layers.TimeDistributed(inner, name="outer")))
    assert counts.macs == 0
    assert counts.uncounted == ("inner (Lambda: Cholesky)",)
