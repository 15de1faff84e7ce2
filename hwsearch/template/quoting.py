"""How values and names appear in messages: as in JSON, on one short line."""

from __future__ import annotations

import json
from typing import Any, Final

#: Stands for a key that an object does not have.
MISSING: Final = object()
LONGEST = 60


def quoted(value: Any) -> str:
    """A value as JSON writes it, cut if it is long; "nothing" for MISSING."""
    if value is MISSING:
        return "nothing"
    try:
        text = json.dumps(value, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        # ValueError: an int with more digits than Python writes.
        text = "a number of thousands of digits" if isinstance(value, int) else ascii(type(value))
    return text if len(text) <= LONGEST else text[: LONGEST - 4] + " ..."


def quoted_key(key: str) -> str:
    """The key of an object: a plain word as it is, others as JSON writes them."""
    return key if key.isidentifier() and key.isascii() and len(key) <= LONGEST else quoted(key)


def quoted_name(name: str) -> str:
    """The name of a hyper-parameter: in single quotes if it is short and can be printed."""
    return repr(name) if is_text(name) and len(name) <= LONGEST else quoted(name)


def is_text(text: str) -> bool:
    """Whether a string can be written to a file: it has no lone surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
