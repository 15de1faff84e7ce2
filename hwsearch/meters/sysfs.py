"""Numbers from files under /sys, for the meters that read them."""

from __future__ import annotations

from pathlib import Path

from hwsearch.meters.protocol import MeterReadError


def text(path: Path) -> str:
    """A file's text without the line's end; "" if there is no such file or it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def number(meter: str, path: Path) -> int:
    """The whole number in a file.

    Raises:
        MeterReadError: No file, no permission, an error of the sensor, or no number.
        PermissionError: The file is there and may not be read.
    """
    try:
        content = path.read_text(encoding="ascii", errors="replace").strip()
    except PermissionError:
        raise
    except OSError as error:
        raise MeterReadError(meter, f"{path}: {error.strerror or error}") from error
    try:
        return int(content)
    except ValueError:
        raise MeterReadError(meter, f"{path}: expected a whole number, got {content!r}") from None
