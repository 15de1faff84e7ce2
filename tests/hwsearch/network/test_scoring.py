from __future__ import annotations

import math

import numpy as np
import pytest

from hwsearch.keras_runtime import keras  # isort: skip - quiet
from hwsearch.network.network import NetworkError
from hwsearch.network.scoring import scoring

SOFT = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.3, 0.5], [0.9, 0.05, 0.05]])
NUMBERS = np.array([0, 1, 2, 2])  # the last prediction is wrong


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32"])
@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize("scale", [1.0, 37.0])  # probabilities; logits
def test_class_numbers(dtype, shape, scale):
    labels = NUMBERS.astype(dtype).reshape(shape)
    how = scoring(labels, (3,), "sparse_categorical_crossentropy")
    assert how.kind == "sparse"
    assert how.error(labels, np.log(SOFT) * scale) == 25.0


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_rows(smoothing):
    labels = np.eye(3)[NUMBERS] * (1 - smoothing) + smoothing / 3
    how = scoring(labels, (3,), "categorical_crossentropy")
    assert how.kind == "categorical"
    assert how.error(labels, SOFT) == 25.0


@pytest.mark.parametrize(
    "labels", [[0, 1, 1, 0], [False, True, True, False], [-1.0, 1.0, 1.0, -1.0]]
)
@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_two_classes_on_one_output(labels, shape):
    labels = np.array(labels).reshape(shape)
    probabilities = np.array([[0.2], [0.7], [0.4], [0.1]])
    assert scoring(labels, (1,), "binary_crossentropy").error(labels, probabilities) == 25.0


def test_two_classes_as_logits():
    labels = np.array([0, 1, 1, 1])
    logits = np.array([[0.3], [0.4], [0.2], [0.1]])  # all within 0..1: only the loss can tell
    told = keras.losses.BinaryCrossentropy(from_logits=True)
    assert scoring(labels, (1,), told).error(labels, logits) == 25.0
    assert scoring(labels, (1,), "binary_crossentropy").error(labels, logits) == 75.0
    # Outside of 0..1 they can be no probabilities, whatever the loss is called.
    assert scoring(labels, (1,), "own").error(labels, logits * 10 - 3.5) == 50.0


def test_hinge_has_its_middle_at_zero():
    labels = np.array([-1, 1, 1, -1])
    outputs = np.array([[-0.3], [0.4], [0.2], [0.1]])
    for loss in ("hinge", keras.losses.SquaredHinge(), keras.losses.hinge):
        assert scoring(labels, (1,), loss).error(labels, outputs) == 25.0


def test_several_yes_or_no():
    labels = np.array([[1, 1, 0], [0, 0, 0]])
    how = scoring(labels, (3,), "binary_crossentropy")
    assert how.kind == "multilabel"
    assert how.error(labels, np.array([[0.9, 0.2, 0.1], [0.1, 0.2, 0.6]])) == pytest.approx(100 / 3)


def test_a_class_each_pixel():
    labels = np.array([[[0, 1], [1, 1]]])
    predicted = np.eye(2)[np.array([[[0, 1], [1, 0]]])]
    for given in (labels, labels[..., None]):
        assert scoring(given, (2, 2, 2), "x").error(given, predicted) == 25.0


def test_nan_predictions_have_no_error():
    how = scoring(NUMBERS, (3,), "x")
    assert math.isnan(how.error(NUMBERS, np.full((4, 3), np.nan)))


@pytest.mark.parametrize(
    ("labels", "output", "said"),
    [
        ([0.1, 2.7, 3.2], (1,), "regression"),
        ([[0.1, 2.0], [0.3, 1.0]], (2,), "regression"),
        ([0.5, 1.5, 2.0], (3,), "regression"),
        ([0, 1, 2, 3], (1,), "4 classes, but the model has one output"),
        ([0, 1, 3], (3,), "label 3, but the model's 3 outputs stand for labels 0..2"),
        ([-1, 1], (2,), "label -1"),
        ([[1, 0], [0, 1]], (3,), r"shape \(2, 2\), but the model puts out \('n', 3\)"),
        ([[1, 0], [0, 1]], (1,), "one output"),
        (["a", "b"], (2,), "<U1 values"),
        ([0.0, float("nan")], (2,), "NaN"),
    ],
)
def test_what_cannot_be_scored(labels, output, said):
    with pytest.raises(NetworkError, match=said) as caught:
        scoring(np.array(labels), output, "mse")
    assert "\n" not in str(caught.value)
