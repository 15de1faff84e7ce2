"""Classes that a script's own loss leaves out."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.scores.own_padding import left_out
from hwsearch.network.scores.scoring import scoring_of

ops = keras.ops


def masked(ignored, from_logits=False, normalised=True):
    """The loss of taggers and translators, as scripts write it."""

    def loss(y_true, y_pred):
        known = ops.where(ops.equal(y_true, ignored), ops.zeros_like(y_true), y_true)
        each = keras.losses.sparse_categorical_crossentropy(known, y_pred, from_logits=from_logits)
        mask = ops.cast(ops.not_equal(y_true, ignored), each.dtype)
        mean = ops.sum(each * mask) / ops.sum(mask)
        return mean if normalised else each * mask

    return loss


class Masked(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return masked(0, normalised=False)(y_true, y_pred)


def weighted(y_true, y_pred):
    """A class that counts little counts."""
    weights = ops.take(ops.convert_to_tensor([0.01, 1.0, 1.0]), ops.cast(y_true, "int32"))
    return weights * keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


def plain(y_true, y_pred):
    return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


@pytest.mark.parametrize("shape", [(6,), (6, 4), (6, 2, 3)])
@pytest.mark.parametrize(
    ("loss", "ignored"),
    [
        (masked(0), 0),
        (masked(0, from_logits=True), 0),
        (masked(0, normalised=False), 0),
        (masked(-1), -1),
        (masked(2), 2),
        (Masked(), 0),
        (weighted, None),
        (plain, None),
        ("sparse_categorical_crossentropy", None),
        (keras.losses.SparseCategoricalCrossentropy(), None),
    ],
)
def test_the_error_leaves_out_what_an_own_loss_leaves_out(loss, ignored, shape):
    labels = np.arange(np.prod(shape)).reshape(shape) % 3
    if ignored == -1:
        labels[labels == 0] = -1
    assert left_out(loss, labels, 3) == ignored
    scoring = scoring_of(labels, (*shape[1:], 3), loss)
    assert scoring.ignored == ignored
    predictions = np.eye(3)[np.where(labels == ignored, 1, labels)]
    assert scoring.error(labels, predictions) == 0


def test_of_many_classes_only_the_usual_padding_is_looked_for():
    labels = np.arange(200).reshape(4, 50)
    assert left_out(masked(0), labels, 200) == 0
    assert left_out(masked(7), labels, 200) is None
    assert left_out(masked(0), np.zeros((2, 3000)), 9999) is None, "too large to be tried"
