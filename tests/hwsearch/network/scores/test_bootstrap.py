"""Standard errors of what Keras reports."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from hwsearch.network.datasets.held_out import Batches, HeldOut
from hwsearch.network.scores.bootstrap import std_errors

ROWS = 300


@pytest.fixture(scope="module")
def model():
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    made.compile("adam", "binary_crossentropy", metrics=["accuracy", "auc", "mae"])
    return made


@pytest.fixture(scope="module")
def held():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(ROWS, 2)).astype("float32")
    y = (x[:, :1] + rng.normal(size=(ROWS, 1)) > 0).astype("float32")
    return HeldOut(x, y)


def test_means_over_rows_have_the_standard_error_of_a_mean(model, held):
    reported = held.evaluated(model)
    found = std_errors(model, held, reported)
    assert set(found) == {"loss", "accuracy", "auc", "mae"}
    share = reported["accuracy"]
    assert found["accuracy"] == pytest.approx((share * (1 - share) / ROWS) ** 0.5, rel=0.5)
    distances = np.abs(held.y - model.predict(held.x, verbose=0))
    assert found["mae"] == pytest.approx(distances.std() / ROWS**0.5, rel=0.5)
    assert 0.01 < found["auc"] < 0.1
    assert std_errors(model, held, reported) == found


def test_a_stream_has_those_of_its_rows(model, held):
    import tensorflow as tf

    batches = [(held.x[i : i + 64], held.y[i : i + 64]) for i in range(0, ROWS, 64)]
    shuffled = tf.data.Dataset.from_tensor_slices((held.x, held.y)).shuffle(ROWS, seed=3)
    reported = held.evaluated(model)
    expected = std_errors(model, held, reported)
    assert std_errors(model, HeldOut(Batches(batches)), reported) == pytest.approx(expected)
    weights = np.where(held.y[:, 0], 1.0, 9.0)
    arrays = HeldOut(held.x, held.y, weights)
    weighted = HeldOut(Batches([(held.x, held.y, weights)]))
    reported = arrays.evaluated(model)
    assert std_errors(model, weighted, reported) == std_errors(model, arrays, reported)
    found = std_errors(model, HeldOut(shuffled.batch(64)), held.evaluated(model))
    assert found == pytest.approx(expected, rel=0.8)  # other samples, each accurate to 13 %
    first = HeldOut(shuffled.repeat().batch(50), steps=6)
    assert set(std_errors(model, first, first.evaluated(model))) <= set(expected)


def test_what_cannot_be_computed_again_has_none(model, held):
    reported = held.evaluated(model)
    changed = reported | {"mae": 2 * reported["mae"], "own": 1.0}
    assert set(std_errors(model, held, changed)) == {"loss", "accuracy", "auc"}
    wrong = HeldOut(held.x, held.y[:7])
    assert std_errors(model, wrong, reported) == {}
