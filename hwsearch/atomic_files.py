"""Files that are written completely or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_atomic(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Writes a temporary file and renames it to `path`: readers see the old file or the new one.

    Args:
        path: In a folder that exists.
        content: A string is written as UTF-8, with its line ends unchanged.

    Raises:
        OSError: The file could not be written; the old file is unchanged.
    """
    path = Path(path)
    temporary = _written_beside(path, content)
    try:
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def create_json(path: str | os.PathLike[str], document: Any) -> bool:
    """Creates a file of JSON if there is none: of several processes, one succeeds.

    Readers see no file or the whole file. That holds on network file systems too, and on those
    without hard links except that a reader may see the beginning of the file.

    Returns:
        Whether this call created the file.

    Raises:
        OSError: The file could not be written.
    """
    path = Path(path)
    text = _json(document)
    temporary = _written_beside(path, text)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError:
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _written_beside(path: Path, content: str | bytes) -> Path:
    """A new file with the content, in the folder of `path`.

    Raises:
        OSError: It could not be written, and there is none.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        # Not mkstemp, which makes files that only their owner can read, whatever the umask is.
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.filename is None:  # as on a full disk
            error.filename = str(path)
        raise
    return temporary


def write_json(path: str | os.PathLike[str], document: Any) -> None:
    """Writes indented JSON; numbers are read back exactly."""
    write_atomic(path, _json(document))


def write_json_after(
    path: str | os.PathLike[str], document: Any, files: Mapping[Path, Path | None]
) -> None:
    """Writes a file of JSON about other files, after they have been moved to their places.

    The JSON is on the disk before the first move. Who is killed between the moves leaves the former
    JSON, so that the work that the files come from still counts as not done.

    Args:
        path: Of the JSON.
        document: Its content.
        files: Place -> the complete file that goes there, on the same file system; None = the file
            at that place, if any, is removed.

    Raises:
        OSError: The JSON could not be written, and nothing was moved; or a move failed.
    """
    path = Path(path)
    temporary = _written_beside(path, _json(document))
    try:
        for place, file in files.items():
            if file is None:
                place.unlink(missing_ok=True)
            else:
                file.replace(place)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _json(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
