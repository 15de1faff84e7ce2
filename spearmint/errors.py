"""Errors that a user can cause and correct."""

from __future__ import annotations


class UserError(Exception):
    """A fault in what the user gave; its text is the whole message, one line per fault.

    Command lines print it on standard error and exit with status 2, without a traceback.

    Attributes:
        user_message: The text needs no class name before it, see `spearmint.worker.objective`.
    """

    user_message = True


class SpaceExhaustedError(Exception):
    """Every point of a finite space has been tried; the text is a sentence about that."""


class NoTimeError(Exception):
    """No job is expected to end within the time that is left; the text is a sentence about that."""
