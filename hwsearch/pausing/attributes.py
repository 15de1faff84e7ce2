"""What callbacks and data sets of a script remember between two epochs: their attributes."""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.pausing.errors import CannotPauseError
from hwsearch.pausing.plain import Writer

#: Attributes that Keras sets, the same for each run of the script.
_OF_KERAS = ("model", "_model", "params", "validation_data")
#: What a run of the script makes again; parts of the model among them, whose state is kept anyway.
_MADE_AGAIN = (
    types.MethodType,
    types.ModuleType,
    keras.layers.Layer,
    keras.Variable,
    keras.optimizers.Optimizer,
    keras.metrics.Metric,
    keras.losses.Loss,
)


@dataclass(slots=True)
class Attributes:
    """The attributes of an object that have changed since this was made.

    Args:
        owner: A callback or a data set of the script.
    """

    owner: Any
    _before: dict[str, bytes | None] = field(init=False)

    def __post_init__(self) -> None:
        self._before = {name: _digest(value) for name, value in self._own().items()}

    def _own(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in vars(self.owner).items()
            if name not in _OF_KERAS and not isinstance(value, _MADE_AGAIN)
        }

    def changed(self) -> dict[str, Any]:
        """The changed attributes, by name.

        What cannot be stored is left out if it is a function; also of a callback of Keras, such as
        an open file.

        Raises:
            CannotPauseError: An attribute of another class cannot be stored.
        """
        found = {}
        for name, value in self._own().items():
            digest = _digest(value)
            if digest is None:
                if _is_of_keras(self.owner) or isinstance(value, types.FunctionType):
                    continue
                raise CannotPauseError(f"{type(self.owner).__name__}.{name} cannot be stored")
            if digest != self._before.get(name):
                found[name] = value
        return found

    def restore(self, changed: Mapping[str, Any]) -> None:
        """Sets what `changed` gave."""
        for name, value in changed.items():
            setattr(self.owner, name, value)


def _digest(value: Any) -> bytes | None:
    """A digest of a value; None if it cannot be stored."""
    writer, digest = Writer(), hashlib.blake2b(digest_size=16)
    try:
        digest.update(json.dumps(writer.entry(value)).encode())
    except CannotPauseError:
        return None
    for array in writer.arrays:
        digest.update(array)
    return digest.digest()


def _is_of_keras(owner: Any) -> bool:
    return type(owner).__module__.startswith("keras.")
