"""Why a training cannot be paused."""

from __future__ import annotations


class CannotPauseError(Exception):
    """The state of a training cannot be kept. The message is the reason, for people."""
