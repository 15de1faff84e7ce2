"""Errors that a user can cause and correct, and what a misspelt word was meant to be."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Iterator

_LONGEST_WORD = 200


class UserError(Exception):
    """A fault in what the user gave; its text is the whole message, one line per fault.

    Entry points print it on standard error and exit with status 2, without a traceback.
    """


@contextlib.contextmanager
def as_user_errors(kind: type[Exception]) -> Iterator[None]:
    """Raises errors of another package, whose texts are for users too, as `UserError`s."""
    try:
        yield
    except kind as error:
        raise UserError(str(error)) from error


def nearest(word: object, valid: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Finds the valid word that a misspelt one resembles, whatever the case of its letters.

    Args:
        word: What was given; anything that is not a short string resembles nothing.
        valid: The words to choose from.
        cutoff: The least similarity, 0 to 1, as `difflib.get_close_matches` defines it.

    Returns:
        One of `valid`, spelled as it is there; "" if none is close.
    """
    if not isinstance(word, str) or len(word) > _LONGEST_WORD:
        return ""
    spelled = {name.casefold(): name for name in valid}
    close = difflib.get_close_matches(word.strip().casefold(), spelled, n=1, cutoff=cutoff)
    return spelled[close[0]] if close else ""


def did_you_mean(word: object, valid: Iterable[str]) -> str:
    """The end of a message about an unknown word: "; did you mean 'x'?", or "" if none is close."""
    close = nearest(word, valid)
    return f"; did you mean {close!r}?" if close else ""
