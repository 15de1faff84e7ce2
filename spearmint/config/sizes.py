"""Sizes in bytes, as people write them: `8GiB`, `500MB`, `10 MiB`, `4096`."""

from __future__ import annotations

import re

_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([kmgt]?)(i?)(b?)", re.ASCII | re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def size_in_bytes(text: str) -> int | None:
    """The number of bytes that a text stands for; None if it is not a size.

    `KiB`, `MiB`, `GiB` and `TiB` are powers of 1024, as are `K`, `M`, `G` and `T`; `kB`, `MB`, `GB`
    and `TB` are powers of 1000.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    number, prefix, binary, byte = found.groups()
    if binary and not (prefix and byte):
        return None
    base = 1000 if byte and not binary else 1024
    size: int = round(float(number) * base ** _POWERS[prefix.lower()])
    return size


def shown_size(size: int) -> str:
    """A number of bytes for people: `8 GiB`, `1.5 MiB`, `100 bytes`."""
    for unit, power in (("TiB", 4), ("GiB", 3), ("MiB", 2), ("KiB", 1)):
        if size >= 1024**power:
            return f"{size / 1024**power:.4g} {unit}"
    return f"{size} bytes"
