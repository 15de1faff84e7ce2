"""What can be shown where the output goes."""

from __future__ import annotations

import os
from typing import TextIO


def columns(stream: TextIO) -> int:
    """The present width of a terminal; 80 if it does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def fits(stream: TextIO) -> bool:
    """Whether a stream is a terminal on which lines can change."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")
