"""What a network is evaluated on, as the script's `fit` gets it."""

from __future__ import annotations

import importlib

import numpy as np

from hwsearch.network.held_out import HeldOut


def test_an_iterator_of_image_data_generator_ends():
    image = importlib.import_module("keras.src.legacy.preprocessing.image")
    flow = image.ImageDataGenerator().flow(np.ones((6, 4, 4, 1)), np.arange(6), batch_size=4)
    held = HeldOut.of_argument(flow, None, 32)
    assert [len(x) for x, _ in held.batches()] == [4, 2]
    assert [len(x) for x, _ in held.batches()] == [4, 2]
