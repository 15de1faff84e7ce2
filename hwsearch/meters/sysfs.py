"""Reading files under /sys, for the meters that do."""

from __future__ import annotations

from pathlib import Path

from hwsearch.meters.protocol import MeterReadError


def text(path: Path) -> str:
    """The text of a file without its line end; "" if it does not exist or cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def number(meter: str, path: Path) -> int:
    """The whole number in a file.

    Raises:
        MeterReadError: The file does not exist, the sensor fails, or the text is not a number.
        PermissionError: The file exists but the user has no permission to read it.
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
        raise MeterReadError(meter, f"{path}: got {content!r}; expected a whole number") from None
