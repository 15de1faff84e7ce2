"""What libraries compute for a convolution, on numbers known by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.counting import count
from hwsearch.counting.convolutions import blocks, filled, filled_inputs, share_inside
from hwsearch.keras_runtime import keras
from tests.hwsearch.counting.models import chain

layers = keras.layers


def work(shape, *parts):
    return count(chain(shape, *parts)).work


def test_channels_are_computed_in_groups():
    assert [filled(n) for n in (1, 16, 17)] == [16, 16, 32]
    assert [filled_inputs(n) for n in (1, 3, 16, 17)] == [1, 3, 16, 32]
    assert [blocks(n) for n in (1, 64, 65, 128, 129)] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("axis", "share"),
    [
        ((2, 2, 5), 4 / 10),  # 2 x 2 pixels: each output sees both of them, with 2 of 5 taps
        ((8, 8, 3), 22 / 24),
        ((8, 4, 3, 2), 11 / 12),  # the padding is behind the image
        ((8, 8, 3, 1, 2), 20 / 24),
        ((8, 8, 1), 1.0),
        ((8, 6, 3), 1.0),  # without padding
    ],
)
def test_taps_on_padding(axis, share):
    assert share_inside(*axis) == pytest.approx(share)


@given(st.integers(1, 12), st.integers(1, 7), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_taps_on_padding_as_counted_one_by_one(length, kernel, stride, dilation, is_same):
    span = (kernel - 1) * dilation + 1
    outputs = -(-length // stride) if is_same else max((length - span) // stride + 1, 1)
    before = max((outputs - 1) * stride + span - length, 0) // 2
    places = [p * stride + t * dilation - before for p in range(outputs) for t in range(kernel)]
    inside = sum(0 <= place < length for place in places)
    assert share_inside(length, outputs, kernel, stride, dilation) == inside / len(places)


def test_macs_on_padding_are_left_out():
    found = work((2, 2, 16), layers.Conv2D(32, 5, padding="same"))
    assert found.convolution_macs == 4 * 25 * 16 * 32
    assert found.filled_macs == pytest.approx(4 * 4 * 16 * 32)
    first = {"data_format": "channels_first"}
    found = work((16, 2, 2), layers.Conv2D(32, 5, padding="same", **first))
    assert found.filled_macs == pytest.approx(4 * 4 * 16 * 32)


@pytest.mark.parametrize(
    ("layer", "macs"),
    [
        (layers.Conv2D(16, 3), 16 * 9 * 32 * 16),  # 20 input channels count as 32
        (layers.Conv2D(16, 3, groups=2), 16 * 9 * 10 * 16),  # ten per group
        (layers.Conv2DTranspose(20, 3), 36 * 9 * 20 * 32),
        (layers.SeparableConv2D(16, 3), 16 * (9 * 20 + 20 * 16)),
    ],
)
def test_channels_of_kinds_of_convolutions(layer, macs):
    assert work((6, 6, 20), layer).filled_macs == pytest.approx(macs)


def test_blocks_and_weights_do_not_grow_with_the_batch():
    inputs = keras.Input((6, 6, 3), batch_size=4)
    model = keras.Sequential([inputs, layers.Conv2D(65, 3), layers.Flatten(), layers.Dense(200)])
    found = count(model).work
    assert (found.blocks, found.kernels) == (2, 9 * 3 * 65 + 65)


def test_a_convolution_in_a_wrapper():
    found = work((3, 2, 2, 16), layers.TimeDistributed(layers.Conv2D(32, 5, padding="same")))
    assert found.filled_macs == pytest.approx(3 * 4 * 4 * 16 * 32)
    assert (found.blocks, found.kernels) == (1, 25 * 16 * 32 + 32)
