"""Which networks cost the same: a signature of a network's structure.

Networks that differ in their learning rate, their seed or a rate of dropout do the same work in
inference, so that one measurement serves for all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from hwsearch.predicting.features import Structure

#: Keys of a layer's configuration that change no cost of inference.
_FREE_KEYS = frozenset(["seed", "seed_generator", "trainable"])
_FREE_ENDS = ("_regularizer", "_initializer", "_constraint")
#: The same for some kinds of layers, by a part of their names.
_FREE_OF_KIND = {
    "Dropout": frozenset(["rate"]),
    "Noise": frozenset(["stddev"]),
    "BatchNormalization": frozenset(["momentum", "epsilon"]),
    "ActivityRegularization": frozenset(["l1", "l2"]),
}
#: Keys under which a configuration names other layers: [name, number of the call, number].
_REFERENCES = frozenset(["keras_history", "input_layers", "output_layers"])


def signature(model: Any, structure: Structure, operations: Sequence[str] = ()) -> str:
    """A text that is equal for networks of equal structure.

    A configuration says nothing of what the code of a layer does, nor of the layers inside a model
    with a `call` of its own.

    Args:
        model: A built Keras model.
        structure: Its counts and batch size.
        operations: What code that is not Keras' does, as in `Counts.operations`.

    Returns:
        64 hexadecimal digits.
    """
    layers: Any = None
    with suppress(Exception):  # models of subclasses have no configuration, or a faulty one
        layers = _Cleaner().cleaned(model.get_config())
    inside = list(model._flatten_layers(include_self=False))
    if layers is None:
        layers = [_own(layer) for layer in inside]
    document = {
        "model": type(model).__name__,
        "layers": layers,
        "weights": [[list(weight.shape), str(weight.dtype)] for weight in model.weights],
        "structure": structure.to_json(),
    }
    if operations:
        document |= {"operations": list(operations), "inside": [_own(layer) for layer in inside]}
    text = json.dumps(document, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _own(layer: Any) -> Any:
    """A layer's kind and cleaned configuration; the kind alone if it has none."""
    kind = type(layer).__name__
    with suppress(Exception):
        return _Cleaner().cleaned({"class_name": kind, "config": layer.get_config()})
    return kind


class _Cleaner:
    """Removes from a configuration what changes no cost; numbers layers instead of naming them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def cleaned(self, value: Any, kind: str = "") -> Any:
        """A configuration, or a part of the one of a kind of layer."""
        if isinstance(value, Mapping):
            return self._object(value, kind)
        if isinstance(value, list | tuple):
            return [self.cleaned(entry, kind) for entry in value]
        return value

    def _object(self, entry: Mapping[str, Any], kind: str) -> dict[str, Any]:
        inner = str(entry.get("class_name", kind))
        kept: dict[str, Any] = {}
        for key, value in entry.items():
            if key in _REFERENCES:
                kept[key] = self._numbered(value)
            elif key == "name" and _names_a_layer(entry, kind):
                self._number(value)
            elif not _is_free(key, kind):
                kept[key] = self.cleaned(value, inner)
        return kept

    def _numbered(self, value: Any) -> Any:
        """References with numbers in place of names."""
        if isinstance(value, list | tuple):
            return [self._numbered(entry) for entry in value]
        return self._number(value) if isinstance(value, str) else value

    def _number(self, name: Any) -> int:
        return self._numbers.setdefault(str(name), len(self._numbers))


def _is_free(key: str, kind: str) -> bool:
    """Whether a key of the configuration of a kind of layer changes no cost."""
    if key in _FREE_KEYS or key.endswith(_FREE_ENDS):
        return True
    return any(part in kind and key in free for part, free in _FREE_OF_KIND.items())


def _names_a_layer(entry: Mapping[str, Any], kind: str) -> bool:
    """Whether the key `name` of an object is a layer's name, not that of a type or function."""
    is_layer_entry = "class_name" in entry and "config" in entry
    return is_layer_entry or "trainable" in entry or "layers" in entry or kind == "InputLayer"
