"""Documents as databases store them: plain values, strict JSON, packed arrays of the 2018 tool."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf, isfinite, isnan, nan, prod
from sys import intern
from typing import Any

from spearmint.database.contract import DatabaseError, Document

PACKED = "compressed array"
#: MongoDB allows 100 levels.
DEEPEST = 90
#: The longest text that documents share in memory.
LONGEST_SHARED = 100
# MongoDB Extended JSON v2 (canonical): the form of a number that is not finite in strict JSON.
EXTENDED = "$numberDouble"
_PLAIN = {str, float, int, bool, type(None)}
NON_FINITE = {"NaN": nan, "Infinity": inf, "-Infinity": -inf}


def plain(value: Any, where: str = "document", depth: int = 0) -> Any:
    """A copy of the value in plain Python: dict, list, str, bool, int of 64 bits, float, None.

    NumPy arrays and scalars (and other objects with `tolist`) become lists and numbers, tuples
    become lists. Strings that are not Unicode (file names in other encodings) get backslash
    escapes.

    Args:
        value: The value.
        where: Its place, for errors.
        depth: How many lists and dictionaries it is in.

    Raises:
        DatabaseError: It is nested more than `DEEPEST` levels deep.
        TypeError: A value has another type; the text names its place.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return _scalar(value)
    if depth >= DEEPEST:
        raise DatabaseError(f"{where:.80}...: is nested more than {DEEPEST} levels deep")
    if isinstance(value, Mapping):
        return {
            plain(key if isinstance(key, str) else str(key)): plain(
                item, f"{where}.{key}", depth + 1
            )
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value)]
    if hasattr(value, "tolist"):
        listed = value.tolist()
        if type(listed) is not type(value):
            return plain(listed, where, depth)
    raise TypeError(
        f"{where}: got {type(value).__name__} {value!r:.80}; "
        "expected numbers, strings, booleans, None, lists and dictionaries"
    )


def _scalar(value: Any) -> str | bool | int | float | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    return _whole(int(value)) if isinstance(value, int) else float(value)  # no NumPy float64


def _whole(number: int) -> int | float:
    if -(2**63) <= number < 2**63:
        return number
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf


def to_json(document: Mapping[str, Any]) -> str:
    """The document as strict JSON text.

    Raises:
        TypeError: A value has a type that `plain` does not accept.
    """
    return json.dumps(_extended(plain(document)), ensure_ascii=False, allow_nan=False)


def _extended(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        name = "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return {EXTENDED: name}
    if isinstance(value, dict):
        return {key: _extended(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_extended(item) for item in value]
    return value


def from_json(text: str, where: str) -> Document:
    """The document in a JSON text.

    Args:
        text: Written by `to_json`, or by a person.
        where: What the text is, for errors.

    Raises:
        DatabaseError: It is not a JSON object, or a packed array cannot be unpacked.
    """
    try:
        # Jobs are read often, and the hook is many times as fast as a walk through the document.
        document = json.loads(text, object_pairs_hook=lambda pairs: _decoded(_shared(pairs), where))
    except (ValueError, RecursionError) as error:
        raise DatabaseError(f"{where}: is not JSON ({error}); repair or delete it") from None
    if not isinstance(document, dict):
        raise DatabaseError(f"{where}: got {document!r:.80}; expected an object")
    return _integers_restored(document)


def from_stored(document: Mapping[str, Any], where: str, key: Callable[[str], str]) -> Document:
    """The plain values of a document that MongoDB's driver returned.

    Args:
        document: The stored document.
        where: What the document is, for errors.
        key: Maps the stored form of a key to the key.

    Raises:
        DatabaseError: A packed array cannot be unpacked.
    """
    return _integers_restored(
        _shared((key(name), _walked(item, where, key)) for name, item in document.items())
    )


def _walked(value: Any, where: str, key: Callable[[str], str]) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        walked = ((key(name), _walked(v, where, key)) for name, v in value.items())
        return _decoded(_shared(walked), where)
    if isinstance(value, list):
        return [v if type(v) in _PLAIN else _walked(v, where, key) for v in value]
    return int(value) if isinstance(value, int) else value  # the driver's Int64


def _shared(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A dictionary whose keys and short texts all documents share in memory: most are the same."""
    return {intern(key): shared_text(value) for key, value in pairs}


def shared_text(value: Any) -> Any:
    """The value; a short text is the same object for all documents."""
    return intern(value) if type(value) is str and len(value) <= LONGEST_SHARED else value


def _decoded(value: dict[str, Any], where: str) -> Any:
    if value.get("ctype") == PACKED:
        return unpacked(value, where)
    if len(value) == 1 and EXTENDED in value:
        return NON_FINITE.get(str(value[EXTENDED]), value)
    return value


def _integers_restored(document: Document) -> Document:
    # The 2018 tool packed integers as float64.
    params = document.get("params")
    for param in params.values() if isinstance(params, dict) else ():
        if isinstance(param, dict) and param.get("type") == "int":
            values = param.get("values")
            if isinstance(values, list):
                param["values"] = [
                    int(v) if isinstance(v, float) and v.is_integer() else v for v in values
                ]
    return document


def unpacked(packed: Mapping[str, Any], where: str) -> Any:
    """A packed array of the 2018 tool as nested lists of float; shape [] is a single number.

    Raises:
        DatabaseError: It cannot be unpacked, or its length does not match its shape.
    """
    try:
        raw = packed["value"]
        # Python 2 broke the text into lines of 76 characters, and ended the last one too.
        text = b"".join((raw.encode("ascii") if isinstance(raw, str) else raw).split())
        data = zlib.decompress(base64.b64decode(text, validate=True))
        numbers = [number for (number,) in struct.iter_unpack("<d", data)]
        shape = [int(size) for size in packed["shape"]]
    except (KeyError, TypeError, ValueError, AttributeError, zlib.error, struct.error) as error:
        raise DatabaseError(
            f"{where}: a compressed array cannot be read ({type(error).__name__}: {error})"
        ) from None
    if min(shape, default=0) < 0 or prod(shape) != len(numbers):
        raise DatabaseError(
            f"{where}: a compressed array of shape {shape} has {len(numbers)} numbers"
        )
    return _nested(iter(numbers), shape)


def _nested(numbers: Iterator[float], shape: list[int]) -> Any:
    if not shape:
        return next(numbers)
    return [_nested(numbers, shape[1:]) for _ in range(shape[0])]
