from __future__ import annotations

import random

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.pausing.random_numbers import begin_epoch


def draws() -> tuple[float, float, float]:
    """One number of each generator."""
    old = np.random.random()  # noqa: NPY002 - what scripts use
    return random.random(), old, float(keras.random.uniform(()))


def drawn(seed: int, epoch: int) -> tuple[float, float, float]:
    begin_epoch(seed, epoch)
    return draws()


def test_the_numbers_of_an_epoch_do_not_depend_on_those_before() -> None:
    first = drawn(3, 1)
    draws()
    assert drawn(3, 1) == first
    for other in (drawn(3, 2), drawn(4, 1)):
        assert all(a != b for a, b in zip(first, other, strict=True))


def test_what_was_compiled_with_the_global_generator_continues_to_use_it() -> None:
    from keras.src.random.seed_generator import global_seed_generator

    before = global_seed_generator()
    begin_epoch(3, 1)
    assert global_seed_generator() is before


def test_a_generator_of_a_layer_continues() -> None:
    own = keras.random.SeedGenerator(5)
    first = float(keras.random.uniform((), seed=own))
    begin_epoch(3, 1)
    second = float(keras.random.uniform((), seed=own))
    again = keras.random.SeedGenerator(5)
    assert [float(keras.random.uniform((), seed=again)) for _ in range(2)] == [first, second]
