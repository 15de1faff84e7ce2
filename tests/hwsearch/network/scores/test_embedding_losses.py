"""Losses of embeddings are no losses of classes."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from hwsearch.network.scores.embedding_losses import compares_rows
from hwsearch.network.scores.scoring import scoring_of

ops = keras.ops
LABELS = np.arange(12) % 3


def triplet(y_true, y_pred):
    """The hardest other image of the same and of another class, for each image of a batch."""
    y = ops.reshape(y_true, (-1, 1))
    same = ops.cast(ops.equal(y, ops.transpose(y)), "float32")
    squares = ops.sum(ops.square(y_pred), -1, keepdims=True)
    far = ops.relu(squares + ops.transpose(squares) - 2 * ops.matmul(y_pred, ops.transpose(y_pred)))
    nearest = ops.min(far + 1e3 * same, -1)
    return ops.mean(ops.relu(ops.max(far * same, -1) - nearest + 0.5))


def own(y_true, y_pred):
    return 2 * keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


def fails(y_true, y_pred):
    raise ValueError


@pytest.mark.parametrize("shape", [(12,), (12, 1)])
def test_a_triplet_loss_has_no_error(shape):
    labels = LABELS.reshape(shape)
    with pytest.raises(NetworkError, match=r"the 16 outputs are no classes.*--optimize val_loss"):
        scoring_of(labels, (16,), triplet)
    for loss in (own, fails, "sparse_categorical_crossentropy"):
        assert scoring_of(labels, (16,), loss).kind == "sparse"
    assert not compares_rows(triplet, labels * 0, 16, None), "one class shows nothing"
