"""What callbacks and data sets of a script remember between two epochs: their attributes."""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hwsearch.pausing.errors import CannotPauseError
from hwsearch.pausing.own_variables import is_made_again
from hwsearch.pausing.plain import Writer

#: Attributes that Keras sets, the same for each run of the script.
_OF_KERAS = ("model", "_model", "params", "validation_data")


@dataclass(slots=True)
class Attributes:
    """The attributes of an object that have changed since this was made.

    Args:
        owner: A callback or a data set of the script, or a class of theirs.
    """

    owner: Any
    _before: dict[str, bytes | None] = field(init=False)

    def __post_init__(self) -> None:
        self._before = {name: _digest(value) for name, value in self._own().items()}

    def _own(self) -> dict[str, Any]:
        """What a run of the script does not make again; `OwnVariables` keeps variables."""
        return {
            name: value
            for name, value in vars(self.owner).items()
            if name not in _OF_KERAS and not is_made_again(value) and not self._is_code(name, value)
        }

    def _is_code(self, name: str, value: Any) -> bool:
        """Whether a value of a class is a method, a property or the like."""
        return isinstance(self.owner, type) and (name.startswith("__") or hasattr(value, "__get__"))

    def changed(self) -> dict[str, Any]:
        """The changed attributes, by name.

        What cannot be stored is left out if it is a function; also of a callback of Keras, such as
        an open file, and of a class.

        Raises:
            CannotPauseError: An attribute of another class cannot be stored.
        """
        found = {}
        for name, value in self._own().items():
            digest = _digest(value)
            if digest is None:
                if self._is_lenient or isinstance(value, types.FunctionType):
                    continue
                raise CannotPauseError(f"{type(self.owner).__name__}.{name} cannot be stored")
            if digest != self._before.get(name):
                found[name] = value
        return found

    @property
    def _is_lenient(self) -> bool:
        """Whether what cannot be stored is left out."""
        return isinstance(self.owner, type) or _is_of_keras(self.owner)

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


def own_classes(objects: Iterable[Any]) -> list[type]:
    """The script's classes of objects, each once: what they hold is the same for all objects."""
    kinds = (kind for one in objects for kind in type(one).__mro__)
    own = (kind for kind in kinds if not kind.__module__.startswith(("keras.", "builtins")))
    return list(dict.fromkeys(own))
