"""Whether a model has other weights than after all epochs so far."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.fitting.seen_weights import SeenWeights


def a_model(dtype="float32"):
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype=dtype)])


def test_nothing_is_changed_if_nothing_was_noted():
    assert not SeenWeights().are_changed(a_model())


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_weight_of_zero_is_a_change_until_it_is_noted(dtype):
    model, seen = a_model(dtype), SeenWeights()
    seen.note(model)
    assert not seen.are_changed(model)
    before = model.get_weights()
    model.layers[0].kernel.assign(np.zeros((3, 2)))
    assert seen.are_changed(model)
    seen.note(model)
    assert not seen.are_changed(model)
    model.set_weights(before)  # as from a checkpoint
    assert not seen.are_changed(model)


def test_a_copy_and_frozen_layers_have_the_same_weights():
    model, seen = a_model(), SeenWeights()
    seen.note(model)
    model.layers[0].trainable = False
    assert not seen.are_changed(model)
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    assert not seen.are_changed(copy)
