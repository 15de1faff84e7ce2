"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any


def write_atomic(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Writes a file beside its place and moves it there; readers see the old or the new one.

    Args:
        path: In a folder that exists.
        content: Text is written as UTF-8, line ends as they are.

    Raises:
        OSError: The file could not be written; the old one is as it was.
    """
    path = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        # Not mkstemp: its files are for the owner alone, whatever the umask says.
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError) and error.filename is None:  # as where a disk is full
            error.filename = str(path)
        raise


def write_json(path: str | os.PathLike[str], document: Any) -> None:
    """Writes a document that people can read; numbers come back exactly."""
    write_atomic(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
