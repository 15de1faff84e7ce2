"""Names in a form that MongoDB accepts: keys of documents and names of collections.

Depending on version and command, MongoDB reads `.` in a key as a path and a leading `$` as an
operator. They are stored as their full-width forms `．` and `＄`, as its manual used to recommend.
A full-width form in a name is preceded by `＼`, so that every name can be restored exactly.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from spearmint.errors import UserError

# U+FF3C, U+FF0E, U+FF04: \ . $ in full width.
_ESCAPE, _DOT, _DOLLAR = "＼", "．", "＄"
_WRITTEN = {".": _DOT, "$": _DOLLAR, "\0": f"{_ESCAPE}0"} | {
    character: _ESCAPE + character for character in (_ESCAPE, _DOT, _DOLLAR)
}
_READ = {written: read for read, written in _WRITTEN.items()}
_TO_WRITE = re.compile("[" + "".join(re.escape(character) for character in _WRITTEN) + "]")
_TO_READ = re.compile(f"{_ESCAPE}?[0{_ESCAPE}{_DOT}{_DOLLAR}]|{_ESCAPE}_")

#: Fields of a stored document that do not belong to the job: its MongoDB id, and a token of the
#: last write. After a broken connection, the token shows whether the write was carried out.
OWN_FIELDS = ("_id", "_write")


def write_key(key: str) -> str:
    """The stored form of a key."""
    written = _TO_WRITE.sub(lambda match: _WRITTEN[match[0]], key)
    return _ESCAPE + written if key in OWN_FIELDS else written


@functools.lru_cache(maxsize=4096)  # the same few names in every job
def read_key(stored: str) -> str:
    """The key of a stored form."""
    return _TO_READ.sub(lambda match: _READ.get(match[0], match[0].removeprefix(_ESCAPE)), stored)


def write_keys(value: Any) -> Any:
    """A copy of a document with the stored form of all keys."""
    if isinstance(value, Mapping):
        return {write_key(key): write_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [write_keys(item) for item in value]
    return value


def collection(experiment: str, kind: str) -> str:
    """Name of an experiment's collection: `<experiment>.<kind>` if MongoDB accepts that.

    Raises:
        UserError: The name is longer than MongoDB allows.
    """
    if len(experiment.encode("utf-8")) > 200:
        raise UserError(
            f"experiment-name: got {experiment[:40]!r}..., {len(experiment.encode('utf-8'))} bytes "
            "in UTF-8; MongoDB allows 200"
        )
    if experiment.startswith("system.") or "" in experiment.split("."):
        return f"{write_key(experiment)}.{kind}"
    return ".".join([*map(write_key, experiment.split(".")), kind])


def experiment_of(name: str, kind: str) -> str | None:
    """The experiment of a collection; None if it is not a collection of this kind."""
    suffix = f".{kind}"
    return read_key(name.removesuffix(suffix)) if name.endswith(suffix) else None
