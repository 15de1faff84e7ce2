"""Losses of embeddings, such as a triplet loss: their outputs are no scores of classes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsearch.network.scores import loss_kinds

#: Rows on which a loss is tried: several of each of two classes.
_ROWS = 8


def compares_rows(loss: Any, labels: NDArray[Any], classes: int, ignored: int | None) -> bool:
    """Whether a script's own loss compares the outputs of rows, and not outputs with classes.

    It has the same value then if all outputs that stand for one class and for another are
    exchanged.

    Args:
        loss: The loss, as `compile` takes it.
        labels: Class numbers, shape (n,) or (n, 1).
        classes: Number of the model's outputs.
        ignored: The class that the loss leaves out; None = none.
    """
    if labels.size != len(labels) or not loss_kinds.is_own(loss):
        return False
    known = [one for one in np.unique(labels).astype(int) if one != ignored][:2]
    if len(known) < 2:
        return False
    given = np.tile(known, _ROWS // 2)
    right, exchanged = (loss_kinds.favouring(rows, classes) for rows in (given, given[::-1]))
    y = given.reshape(-1, *labels.shape[1:]).astype("float32")
    first, second = loss_kinds.tried_on(loss, [(y, right), (y, exchanged)])
    return math.isfinite(first) and math.isclose(first, second, rel_tol=1e-5, abs_tol=1e-7)
