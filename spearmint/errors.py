"""Errors that a user can cause and mend."""

from __future__ import annotations


class UserError(Exception):
    """A fault in what the user gave; its text is the whole message, one line a fault.

    Front doors print it on standard error and exit with status 2, without a traceback.
    """


class SpaceExhausted(Exception):  # noqa: N818 - an end of the search, not a fault
    """Every point of a finite space has been tried; its text says so in a sentence."""
