"""Values of Python in a file that holds text and arrays, and never code.

What callbacks remember are numbers, texts, arrays, generators of random numbers, and containers of
these; nothing else can be stored.
"""

from __future__ import annotations

import io
import json
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import kind
from hwsearch.pausing.errors import CannotPauseError
from hwsearch.pausing.own_variables import is_variable

_DOCUMENT = "document"
_CONTAINERS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}


class Writer:
    """Turns values into JSON and arrays.

    A list, dictionary or set that is found twice is refused: read back, it would be two.
    """

    def __init__(self) -> None:
        self.arrays: list[Any] = []
        self._seen: dict[int, Any] = {}

    def entry(self, value: Any) -> Any:
        """The JSON of a value.

        Raises:
            CannotPauseError: It holds something that cannot be stored.
        """
        if value is None or type(value) in (bool, int, float, str):
            return value
        if type(value).__name__ in _CONTAINERS and type(value) in _CONTAINERS.values():
            self._once(value)
            return {type(value).__name__: [self.entry(one) for one in value]}
        if type(value) is dict:
            self._once(value)
            return {"dict": [[self.entry(key), self.entry(one)] for key, one in value.items()]}
        if type(value) is deque:
            self._once(value)
            return {"deque": {"list": [self.entry(list(value)), value.maxlen]}}
        return self._special(value)

    def _special(self, value: Any) -> Any:
        found = _as_array(value)
        if found is not None:
            what, array = found
            return {what: self._array(array)}
        if type(value) is bytes:
            return {"bytes": value.hex()}
        if type(value) is np.random.Generator:
            return {"Generator": self.entry(value.bit_generator.state)}
        if type(value) is random.Random:
            return {"Random": self.entry(value.getstate())}
        name = getattr(value, "__name__", "")
        if name and getattr(keras.ops, name, None) is value:
            return {"ops": name}
        raise CannotPauseError(kind(value))

    def _array(self, value: Any) -> list[Any]:
        """Keeps an array; returns its number, type and shape."""
        self.arrays.append(np.frombuffer(value.tobytes(), dtype=np.uint8))
        return [len(self.arrays) - 1, value.dtype.name, list(value.shape)]

    def _once(self, value: Any) -> None:
        if id(value) in self._seen and not isinstance(value, tuple | frozenset):
            raise CannotPauseError(f"{kind(value)} that several attributes of callbacks share")
        self._seen[id(value)] = value  # which keeps the id

    def file(self, value: Any) -> bytes:
        """The content of a file with a value.

        Raises:
            CannotPauseError: It holds something that cannot be stored.
        """
        text = json.dumps(self.entry(value))
        parts: dict[str, Any] = {f"a{number}": one for number, one in enumerate(self.arrays)}
        parts[_DOCUMENT] = np.frombuffer(text.encode(), dtype=np.uint8)
        stream = io.BytesIO()
        np.savez(stream, **parts)
        return stream.getvalue()


def read(content: bytes) -> Any:
    """The value in a file that a `Writer` made.

    Raises:
        Exception: It is no such file.
    """
    with np.load(io.BytesIO(content)) as file:
        count = len(file.files) - 1
        arrays = [file[f"a{number}"] for number in range(count)]
        return _value(json.loads(file[_DOCUMENT].tobytes()), arrays)


def _as_array(value: Any) -> tuple[str, Any] | None:
    """What an array, a number of NumPy or a tensor is called here, and its array."""
    if type(value) is np.ndarray and not value.dtype.hasobject:
        return "array", value
    if isinstance(value, np.generic):
        return "scalar", np.asarray(value)
    if keras.ops.is_tensor(value) and not is_variable(value):
        return "tensor", keras.ops.convert_to_numpy(value)
    return None


def _value(entry: Any, arrays: Sequence[Any]) -> Any:
    if not isinstance(entry, dict):
        return entry
    [(what, stored)] = entry.items()
    if what in _CONTAINERS:
        return _CONTAINERS[what]([_value(one, arrays) for one in stored])
    if what == "dict":
        return {_value(key, arrays): _value(one, arrays) for key, one in stored}
    if what in _OF_ARRAYS:
        number, dtype, shape = stored
        return _OF_ARRAYS[what](arrays[number].view(np.dtype(dtype)).reshape(shape).copy())
    if what in _OF_PLAIN:
        return _OF_PLAIN[what](stored)
    return _OF_VALUES[what](_value(stored, arrays))


def _deque(parts: list[Any]) -> deque[Any]:
    values, length = parts
    return deque(values, maxlen=length)


def _random(state: Any) -> random.Random:
    generator = random.Random()
    generator.setstate(state)
    return generator


def _generator(state: Any) -> np.random.Generator:
    name = state["bit_generator"]
    known = {one.__name__: one for one in np.random.BitGenerator.__subclasses__()}
    bits = known[name]()
    bits.state = state
    return np.random.Generator(bits)


_OF_ARRAYS: dict[str, Callable[[Any], Any]] = {
    "array": lambda array: array,
    "scalar": lambda array: array[()],
    "tensor": keras.ops.convert_to_tensor,
}
_OF_PLAIN: dict[str, Callable[[Any], Any]] = {
    "bytes": bytes.fromhex,
    "ops": lambda name: getattr(keras.ops, name),
}
_OF_VALUES: dict[str, Callable[[Any], Any]] = {
    "deque": _deque,
    "Random": _random,
    "Generator": _generator,
}
