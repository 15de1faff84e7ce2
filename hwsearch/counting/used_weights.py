"""Which weights of a model its inference uses.

A class with a `call` of its own may hold networks that only its training needs, such as the teacher
of a distillation or the discriminator of a GAN.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from typing import Any

from hwsearch.counting.call import size
from hwsearch.keras_runtime import keras


@contextlib.contextmanager
def reads() -> Iterator[dict[int, Any]]:
    """Yields the variables whose values are read while this is open, by their `id`."""
    found: dict[int, Any] = {}
    owner = next(base for base in keras.Variable.__mro__ if "value" in vars(base))
    original = vars(owner)["value"]

    def read(self: Any) -> Any:
        found[id(self)] = self
        return original.fget(self)

    owner.value = property(read)
    try:
        yield found
    finally:
        owner.value = original


def own(layer: Any) -> dict[int, Any]:
    """The weights of a layer without those of layers inside it, by their `id`."""
    found = [
        *getattr(layer, "_trainable_variables", ()),
        *getattr(layer, "_non_trainable_variables", ()),
    ]
    return {id(weight): weight for weight in found}


def of_all(layer: Any) -> dict[int, Any]:
    """The weights of a layer and of all layers inside it, by their `id`."""
    return {id(weight): weight for weight in getattr(layer, "weights", ())}


def unused(model: Any, used: Collection[int]) -> str:
    """What inference does not use, for people; "" if it uses all weights.

    Args:
        model: The model.
        used: The `id` of each weight that is used.
    """
    left = [weight for weight in model.weights if id(weight) not in used]
    if not left:
        return ""
    ids = {id(weight) for weight in left}
    names = [
        layer.name
        for layer in model._flatten_layers(include_self=False, recursive=False)
        if layer.weights and ids.issuperset(map(id, layer.weights))
    ]
    count = sum(size(weight.shape) for weight in left)
    which = f", such as those of {', '.join(names)}" if names else ""
    return f"{count:,} weights that inference does not use{which}"
