"""What losses say about outputs and labels."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from hwsearch.network.scores.loss_kinds import (
    class_axis,
    contrast,
    ignored_class,
    is_distance,
    takes_logits,
    takes_probabilities,
)
from hwsearch.network.scores.scoring import scoring_of

binary = keras.losses.binary_crossentropy
squared = keras.ops.square


class Own(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return 3 * binary(y_true, y_pred, from_logits=True)


def dice(y_true, y_pred):
    both = keras.ops.sum(y_true * y_pred)
    return 1 - (2 * both + 1) / (keras.ops.sum(y_true) + keras.ops.sum(y_pred) + 1)


def unclipped(y_true, y_pred):
    yes, no = y_true * keras.ops.log(y_pred), (1 - y_true) * keras.ops.log(1 - y_pred)
    return -keras.ops.mean(yes + no)


@pytest.mark.parametrize(
    "loss",
    [
        functools.partial(binary, from_logits=True),
        lambda t, p: binary(t, p, from_logits=True),
        lambda t, p: (1 + 4 * t) * keras.losses.binary_focal_crossentropy(t, p, from_logits=True),
        Own(),
        keras.losses.BinaryCrossentropy(from_logits=True),
    ],
)
def test_own_losses_of_logits(loss):
    labels, logits = np.array([0, 1, 1, 1]), np.array([[0.3], [0.4], [0.2], [0.1]])
    assert scoring_of(labels, (1,), loss).error(labels, logits) == 25.0
    rows, outputs = np.eye(4)[:2], np.full((2, 4), 0.1)
    assert scoring_of(rows * 0 + [[0, 1, 1, 1]], (4,), loss).error(rows, outputs) == 75.0


@pytest.mark.parametrize("loss", [binary, lambda t, p: 2 * binary(t, p), dice, unclipped, "own"])
def test_losses_of_probabilities(loss):
    assert not takes_logits(loss, 0.0, 1.0)
    assert not is_distance(loss)


def clipped(y_true, y_pred):
    """A focal loss as scripts write it."""
    p = keras.ops.clip(y_pred, 1e-7, 1 - 1e-7)
    p = keras.ops.where(keras.ops.equal(y_true, 1), p, 1 - p)
    return -keras.ops.mean(0.25 * squared(1 - p) * keras.ops.log(p))


@pytest.mark.parametrize(
    "loss", ["binary_crossentropy", binary, keras.losses.BinaryFocalCrossentropy(), clipped]
)
def test_outputs_that_a_loss_takes_for_probabilities_are_compared_with_a_half(loss):
    labels, outputs = np.array([0, 0, 1, 1]), np.array([[-3.0], [0.2], [1.4], [0.6]])
    assert scoring_of(labels, (1,), loss).error(labels, outputs) == 0
    assert takes_probabilities(loss)
    others = [dice, unclipped, Own(), "mse", "own", keras.losses.BinaryCrossentropy(True)]
    assert not any(map(takes_probabilities, others))


def test_own_losses_of_signs_and_distances():
    assert takes_logits(lambda t, p: keras.ops.relu(1 - t * p), -1.0, 1.0)
    labels, outputs = np.array([0, 1, 1, 1]), np.array([[-0.1], [1.4], [0.2], [0.6]])
    for loss in (
        lambda t, p: keras.ops.mean(squared(t - p)),
        functools.partial(keras.losses.mean_absolute_error),
    ):
        assert scoring_of(labels, (1,), loss).error(labels, outputs) == 25.0


def contrastive(margin, alike):
    """The loss of pairs whose label `alike` says that they are of one class."""

    def loss(y_true, y_pred):
        beyond = squared(keras.ops.maximum(margin - y_pred, 0.0))
        same = keras.ops.cast(keras.ops.equal(y_true, alike), "float32")
        return keras.ops.mean(same * squared(y_pred) + (1 - same) * beyond)

    return loss


@pytest.mark.parametrize("margin", [1.0, 3.0])
@pytest.mark.parametrize("labels", [(0, 1), (-1, 1)])
@pytest.mark.parametrize("alike", ["low", "high"])
def test_losses_of_pairs_compare_distances_with_half_the_margin(margin, labels, alike):
    low, high = labels
    loss = contrastive(margin, low if alike == "low" else high)
    distances = np.array([[0.1], [0.4], [0.6], [2.9]]) * margin
    is_one_class = distances < margin / 2
    y = np.where(is_one_class == (alike == "high"), high, low)
    scoring = scoring_of(y, (1,), loss)
    assert scoring.margin == pytest.approx(margin / 2)
    assert scoring.error(y, distances) == 0
    assert scoring.error(y, distances[::-1]) == 100


def test_other_losses_are_not_of_pairs():
    others = ["mse", "binary_crossentropy", "hinge", binary, dice, unclipped, Own()]
    others += [lambda t, p: keras.ops.mean(squared(t - p)), lambda t, p: keras.ops.abs(t - p)]
    assert [contrast(loss, 0.0, 1.0) for loss in others] == [None] * len(others)


def test_rows_of_zeros_are_padding_if_the_loss_leaves_them_out():
    labels = np.eye(3)[[0, 1, 0, 0]] * [[1], [1], [0], [0]]
    categorical = keras.losses.categorical_crossentropy
    losses = [
        lambda t, p: categorical(t, p, label_smoothing=0.0),
        keras.losses.CategoricalFocalCrossentropy(),
    ]
    for loss in losses:
        assert scoring_of(labels, (3,), loss).kind == "categorical"
    for loss in (binary, lambda t, p: 2 * binary(t, p)):
        assert scoring_of(labels, (3,), loss).kind == "multilabel"


def test_classes_on_another_axis_are_refused():
    rows = np.moveaxis(np.eye(3)[np.zeros((8, 5), int)], -1, 1)
    for loss in (
        keras.losses.CategoricalCrossentropy(axis=1),
        functools.partial(keras.losses.categorical_crossentropy, axis=1),
    ):
        with pytest.raises(NetworkError, match="the loss has the classes on axis 1"):
            scoring_of(rows, (3, 5), loss)
    assert class_axis(keras.losses.CategoricalCrossentropy()) == -1
    assert class_axis(keras.losses.Dice(axis=1)) == -1


def test_the_ignored_class_of_a_partial():
    sparse = keras.losses.sparse_categorical_crossentropy
    assert ignored_class([functools.partial(sparse, ignore_class=255)]) == 255
    assert ignored_class(sparse) is None


def test_a_focal_loss_of_many_labels_counts_rows_of_zeros():
    """Before, with 60 labels, its value for such rows was taken for 0, and they were left out."""

    def focal(t, p):
        true = t * p + (1 - t) * (1 - p)
        return keras.ops.mean((1 - true) ** 2 * -keras.ops.log(true + 1e-7))

    labels = np.eye(60)
    labels[::3] = 0
    assert scoring_of(labels, (60,), focal).kind == "multilabel"


class Counted(keras.losses.Loss):
    """It weighs less from call to call."""

    def __init__(self):
        super().__init__()
        self.calls, self.values, self.weight = 0, [], keras.Variable(1.0)

    def call(self, y_true, y_pred):
        self.calls += 1
        self.values.append(self.calls)
        self.weight.assign(self.weight * 0.5)
        return self.weight * binary(y_true, y_pred, from_logits=True)


def test_a_loss_that_is_tried_out_keeps_its_state():
    """Otherwise, the training would not be that of the script alone."""
    loss, calls = Counted(), 0

    def counting(y_true, y_pred):
        nonlocal calls
        calls += 1
        return binary(y_true, y_pred)

    for one in (loss, counting):
        scoring_of(np.array([0, 1]), (1,), one)
    assert (loss.calls, loss.values, float(loss.weight.value), calls) == (0, [], 1.0, 0)
