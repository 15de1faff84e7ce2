from __future__ import annotations

import math

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from hwsearch.network.scores.scoring import check_same_encoding, sampling_error, scoring_of

SOFT = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.3, 0.5], [0.9, 0.05, 0.05]])
NUMBERS = np.array([0, 1, 2, 2])  # the last prediction is wrong


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32"])
@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize("scale", [1.0, 37.0])  # probabilities; logits
def test_class_numbers(dtype, shape, scale):
    labels = NUMBERS.astype(dtype).reshape(shape)
    how = scoring_of(labels, (3,), "sparse_categorical_crossentropy")
    assert how.kind == "sparse"
    assert how.error(labels, np.log(SOFT) * scale) == 25.0


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_rows(smoothing):
    labels = np.eye(3)[NUMBERS] * (1 - smoothing) + smoothing / 3
    how = scoring_of(labels, (3,), "categorical_crossentropy")
    assert how.kind == "categorical"
    assert how.error(labels, SOFT) == 25.0


@pytest.mark.parametrize(
    "labels", [[0, 1, 1, 0], [False, True, True, False], [-1.0, 1.0, 1.0, -1.0]]
)
@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_two_classes_on_one_output(labels, shape):
    labels = np.array(labels).reshape(shape)
    probabilities = np.array([[0.2], [0.7], [0.4], [0.1]])
    assert scoring_of(labels, (1,), "binary_crossentropy").error(labels, probabilities) == 25.0


def test_two_classes_as_logits():
    labels = np.array([0, 1, 1, 1])
    logits = np.array(
        [[0.3], [0.4], [0.2], [0.1]]
    )  # all within 0..1: only the loss shows what they are
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    assert scoring_of(labels, (1,), loss).error(labels, logits) == 25.0
    assert scoring_of(labels, (1,), "binary_crossentropy").error(labels, logits) == 75.0
    # Values outside 0..1 are not probabilities, whatever the loss is called.
    assert scoring_of(labels, (1,), "own").error(labels, logits * 10 - 3.5) == 50.0


def test_hinge_losses_have_their_threshold_at_zero():
    labels = np.array([-1, 1, 1, -1])
    outputs = np.array([[-0.3], [0.4], [0.2], [0.1]])
    for loss in ("hinge", keras.losses.SquaredHinge(), keras.losses.hinge):
        assert scoring_of(labels, (1,), loss).error(labels, outputs) == 25.0


@pytest.mark.parametrize("loss", ["mse", "huber", "MAE", keras.losses.MeanSquaredError()])
@pytest.mark.parametrize(("no", "yes"), [(0, 1), (-1, 1), (1, 2)])
def test_losses_of_distances_have_their_threshold_between_the_labels(loss, no, yes):
    labels = np.array([no, yes, yes, no, no])
    outputs = (no + (yes - no) * np.array([0.3, 0.8, 1.1, 0.6, -0.1]))[:, None]  # one is wrong
    assert scoring_of(labels, (1,), loss).error(labels, outputs) == 20.0
    pairs, given = np.stack([labels, labels], 1), np.concatenate([outputs, outputs], 1)
    assert scoring_of(pairs, (2,), loss).error(pairs, given) == 20.0


@pytest.mark.parametrize("within", [lambda loss: [loss], lambda loss: {"out": loss}])
def test_the_one_loss_may_be_in_a_list_or_dictionary(within):
    labels, logits = np.array([0, 1, 1, 1]), np.array([[0.3], [0.4], [0.2], [0.1]])
    loss = within(keras.losses.BinaryCrossentropy(from_logits=True))
    assert scoring_of(labels, (1,), loss).error(labels, logits) == 25.0
    loss = within(keras.losses.SparseCategoricalCrossentropy(ignore_class=9))
    assert scoring_of(np.array([0, 9, 1]), (2,), loss).ignored == 9


def test_several_labels_per_image():
    labels = np.array([[1, 1, 0], [0, 0, 0]])
    how = scoring_of(labels, (3,), "binary_crossentropy")
    assert how.kind == "multilabel"
    assert how.error(labels, np.array([[0.9, 0.2, 0.1], [0.1, 0.2, 0.6]])) == pytest.approx(100 / 3)


def test_one_class_per_pixel():
    labels = np.array([[[0, 1], [1, 1]]])
    predicted = np.eye(2)[np.array([[[0, 1], [1, 0]]])]
    for given in (labels, labels[..., None]):
        assert scoring_of(given, (2, 2, 2), "x").error(given, predicted) == 25.0


def test_nan_predictions_have_no_error():
    how = scoring_of(NUMBERS, (3,), "x")
    assert math.isnan(how.error(NUMBERS, np.full((4, 3), np.nan)))


@pytest.mark.parametrize(
    ("labels", "output", "said"),
    [
        ([0.1, 2.7, 3.2], (1,), "regression"),
        ([[0.1, 2.0], [0.3, 1.0]], (2,), "regression"),
        ([0.5, 1.5, 2.0], (3,), "regression"),
        (
            [0, 1, 2, 3],
            (1,),
            "got 4 classes for a model with one output; .* 4 outputs; for reg",
        ),
        ([0, 1, 3], (3,), "got the label 3; expected 0..2, because the model has 3 outputs"),
        ([-1, 1], (2,), "label -1"),
        ([[1, 0], [0, 1]], (3,), r"got shape \(2, 2\) for a model with output \('n', 3\)"),
        ([[1, 0], [0, 1]], (1,), "one output"),
        (["a", "b"], (2,), "got <U1 values"),
        ([0.0, float("nan")], (2,), "NaN"),
    ],
)
def test_labels_that_cannot_be_scored(labels, output, said):
    with pytest.raises(NetworkError, match=said) as caught:
        scoring_of(np.array(labels), output, "mse")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("train", "other", "classes"),
    [
        (NUMBERS, NUMBERS[:, None], 3),
        (NUMBERS[:, None], NUMBERS.astype("uint8"), 3),
        (np.eye(3), np.eye(3)[:1], 3),
        ([-1.0, 1.0], [1.0], 1),
    ],
)
def test_the_same_encoding(train, other, classes):
    check_same_encoding(np.array(other), "y_test", np.array(train), classes)


@pytest.mark.parametrize(
    ("train", "other", "fault"),
    [
        (NUMBERS, np.eye(3), r"y_test: got shape \(3, 3\), but y_train has shape \(4,\)"),
        (NUMBERS, [3], "y_test: got the label 3; expected 0..2"),
        (NUMBERS, [0.5], "y_test: got real numbers"),
        (np.eye(3), [["a", "b", "c"]], "y_test: got <U1 values"),
    ],
)
def test_another_encoding(train, other, fault):
    with pytest.raises(NetworkError, match=fault):
        check_same_encoding(np.array(other), "y_test", np.array(train), 3)


@pytest.mark.parametrize(
    ("error", "images", "expected"),
    [(50.0, 100, 5.0), (0.0, 100, 0.0), (math.nan, 100, math.nan), (50.0, 0, math.nan)],
)
def test_the_standard_error_of_an_error(error, images, expected):
    assert sampling_error(error, images) == pytest.approx(expected, nan_ok=True)


def test_rows_without_a_class_are_padding_if_the_loss_ignores_them():
    labels = np.array([[[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]], float)
    outputs = np.array([[[0.6, 0.3, 0.1], [0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]])
    how = scoring_of(labels, (4, 3), "categorical_crossentropy")
    assert (how.kind, how.error(labels, outputs)) == ("categorical", 50)
    assert np.isnan(how.error(0 * labels, outputs))
    assert scoring_of(labels, (4, 3), "binary_crossentropy").kind == "multilabel"
