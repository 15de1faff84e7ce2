"""Whether trainings are folds of one cross-validation: one network, trained on other rows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.network.datasets import data
from hwsearch.network.datasets.held_out import is_stream

#: Rows of an array that are compared at most.
_ROWS = 20_000
#: The name that Keras numbers, and values that say nothing of a network's structure.
_NAMES = ("name", "build_config", "build_input_shape", "registered_name")


def structure(model: Any) -> str:
    """Layers, optimiser and loss of a model as text, without the names that Keras numbers.

    It is the same for two models that one function builds.
    """
    parts = [
        type(model).__name__,
        [_plain(layer) for layer in getattr(model, "layers", ())],
        [tuple(weight.shape) for weight in model.weights] if model.built else [],
        _plain(model.optimizer),
        str(model.loss if isinstance(model.loss, str) else type(model.loss).__name__),
    ]
    return json.dumps(parts, sort_keys=True, default=_kind)


def _plain(part: Any) -> Any:
    """The configuration of a layer or an optimiser."""
    try:
        found = part.get_config()
    except Exception:  # a class of the script's own
        found = {}
    return [type(part).__name__, _nameless(found)]


def _nameless(value: Any) -> Any:
    """JSON without names, and without numbers at the end of text."""
    if isinstance(value, Mapping):
        return {str(key): _nameless(one) for key, one in value.items() if key not in _NAMES}
    if isinstance(value, list | tuple):
        return [_nameless(one) for one in value]
    return re.sub(r"(?<=[a-z])_\d+$", "", value) if isinstance(value, str) else value


def _kind(value: Any) -> str:
    """Of a value that JSON does not have: its class, since its text may hold an address."""
    return str(value) if isinstance(value, np.generic) else type(value).__name__


def rows(*values: Any) -> tuple[Any, ...]:
    """Something short that is equal for the same rows; a stream stands for itself.

    Args:
        values: Arrays in any structure, or streams of batches.
    """
    found = hashlib.blake2b(digest_size=16)
    streams = []
    for value in keras.tree.flatten(list(values)):
        if is_stream(value):
            streams.append(value)
        elif value is not None:
            for part in _bytes(value):
                found.update(part)
    return (found.hexdigest(), *streams)


def _bytes(value: Any) -> Iterator[bytes]:
    count = data.length(value)
    step = max(1, count // _ROWS)
    array = np.ascontiguousarray(data.as_array(data.rows(value, slice(None, None, step))))
    yield f"{count} {array.shape} {array.dtype}".encode()
    yield array.tobytes() if array.dtype != object else repr(array.tolist()).encode()
