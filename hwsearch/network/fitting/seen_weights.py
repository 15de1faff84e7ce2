"""Which weights a training has gone through, to see whether the script changes them in between.

A script that sets small weights to zero, or rounds them, between two calls of `fit` wants a network
with such weights. An epoch before that has another network, whose error is usually lower.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

#: The weights of a model, each in a few bytes, in any order.
Digest = tuple[bytes, ...]


class SeenWeights:
    """The weights of one training after its epochs, and after its calls of `fit`."""

    def __init__(self) -> None:
        self._seen: set[Digest] = set()

    def note(self, model: Any) -> None:
        """Takes the weights that a model has now."""
        self._seen.add(_digest(model))

    def are_changed(self, model: Any) -> bool:
        """Whether a model has other weights than all that were noted; not if none were.

        A model that has the weights of its best epoch again, such as from a checkpoint, has not.
        """
        return bool(self._seen) and _digest(model) not in self._seen


def _digest(model: Any) -> Digest:
    arrays = [np.ascontiguousarray(array) for array in model.get_weights()]
    return tuple(
        sorted(hashlib.blake2b(_bytes(array), digest_size=16).digest() for array in arrays)
    )


def _bytes(array: Any) -> Any:
    """Its memory, also of the number formats that have no buffer, such as bfloat16."""
    return array.reshape(-1).view(np.uint8)
