"""The class that a script's own loss leaves out, such as the padding of sequences.

def masked_loss(y_true, y_pred):
    mask = y_true != 0
    ...
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsearch.network.scores import loss_kinds

#: Labels of padding that are usual, and are looked for among many classes.
_USUAL = (0, -1, -100, 255)
#: With more classes, only the usual labels are tried.
_MOST_CLASSES = 64
#: Outputs of more numbers than this are not tried.
_MOST_NUMBERS = 1_000_000


def left_out(loss: Any, labels: NDArray[Any], classes: int) -> int | None:
    """The class that adds nothing to a loss, whatever the outputs are; None if there is none.

    Args:
        loss: The loss, as `compile` takes it.
        labels: Class numbers, shape (n, ...) or (n, ..., 1).
        classes: Number of the model's outputs per label.
    """
    if not loss_kinds.is_own(loss):
        return None
    shape = (2, *labels.shape[1:])
    per_label = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
    if math.prod(per_label) * classes > _MOST_NUMBERS:
        return None
    known = np.unique(labels)
    tried = known[np.isin(known, _USUAL)] if len(known) > _MOST_CLASSES else known
    for label in sorted(map(int, tried), key=lambda one: one not in _USUAL):
        other = next(one for one in range(classes) if one != label)
        given = _halves(other, label, math.prod(per_label))
        # Outputs of the labels in question that favour one class, and others that favour another.
        own = label if 0 <= label < classes else (other + 1) % classes
        favoured = [_halves(other, one, len(given)) for one in (own, other)]
        outputs = [loss_kinds.favouring(numbers, classes) for numbers in favoured]
        y = given.reshape(shape).astype("float32")
        pairs = [(y, one.reshape(*per_label, classes)) for one in outputs]
        first, second = loss_kinds.tried_on(loss, pairs)
        if math.isfinite(first) and math.isclose(first, second, rel_tol=1e-5, abs_tol=1e-9):
            return label
    return None


def _halves(first: int, second: int, count: int) -> NDArray[Any]:
    """So many class numbers: one in the first half, another one in the second."""
    return np.where(np.arange(count) < count // 2, first, second)
