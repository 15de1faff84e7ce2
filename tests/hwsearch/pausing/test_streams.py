"""Positions in streams of data."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from hwsearch.keras_runtime import keras
from hwsearch.pausing.streams import Positions, obstacle


class Batches(keras.utils.PyDataset):
    """A data set of a script."""


def rows():
    return tf.data.Dataset.range(20)


@pytest.mark.parametrize(
    "value",
    [None, np.zeros(3), [np.zeros(3)], Batches(), rows(), rows().shuffle(5).map(lambda x: x + 1)],
)
def test_these_can_be_continued(value):
    assert obstacle(value) == ""


def test_a_generator_cannot():
    found = obstacle(x for x in range(3))
    assert found == "the data are a generator, which cannot be continued at their position"


@pytest.mark.parametrize(
    "dataset",
    [
        tf.data.Dataset.from_generator(lambda: iter(range(3)), output_types=tf.int64),
        rows().map(lambda x: tf.py_function(lambda y: y, [x], tf.int64)).batch(2).prefetch(1),
        rows().interleave(lambda x: rows().map(lambda y: tf.numpy_function(abs, [y], tf.int64))),
    ],
)
def test_python_in_a_dataset_may_keep_anything(dataset):
    assert obstacle(dataset) == "a tf.data.Dataset that runs Python functions"


@pytest.mark.parametrize(
    "dataset",
    [
        rows().shuffle(5).cache().batch(2),
        rows().shuffle(5).repeat(2),
        rows().concatenate(rows().shuffle(5)),
        rows().shuffle(5).batch(2).shuffle(3).prefetch(1),
    ],
)
def test_an_order_that_is_drawn_late_is_refused(dataset):
    assert obstacle(dataset).startswith("a tf.data.Dataset that is shuffled and then cached")


@pytest.mark.parametrize(
    "dataset",
    [
        rows().cache().repeat(2).shuffle(5).batch(2).prefetch(1),
        rows().shuffle(5, reshuffle_each_iteration=False).repeat(2).shuffle(3),
    ],
)
def test_one_shuffle_at_last_is_not(dataset):
    assert obstacle(dataset) == ""


def test_a_dataset_that_is_trained_and_validated_on_has_one_position():
    both = rows().shuffle(5)
    positions = Positions({"x": both, "validation": both})
    with positions.counted():
        list(both)
        positions.restore(positions.state())
    assert sum(positions.state()["readings"].values()) == 2


def test_another_process_reads_what_would_have_come_next():
    def shuffled():
        tf.random.set_seed(3)
        return tf.data.Dataset.range(30).shuffle(30).batch(5).prefetch(2)

    def orders(dataset, number):
        return [np.concatenate(list(dataset.as_numpy_iterator())).tolist() for _ in range(number)]

    whole = orders(shuffled(), 5)
    assert whole[3] != whole[4]
    first = Positions({"x": shuffled()})
    with first.counted():
        orders(first.streams["x"], 1)
        first.reset()  # what each process does before its training
        assert orders(first.streams["x"], 1) == whole[1:2]
    second = Positions({"x": shuffled()})
    with second.counted():
        orders(second.streams["x"], 1)
        second.reset()
        second.restore(first.state())
        assert orders(second.streams["x"], 1) == whole[2:3]
    third = Positions({"x": shuffled()})
    orders(third.streams["x"], 1)
    third.restore(second.state())
    assert orders(third.streams["x"], 2) == whole[3:]
