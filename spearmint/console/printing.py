"""Printing that ends no search and misleads nobody.

Text from elsewhere (options, names, messages of exceptions) gets a form that is safe to print.
Standard streams drop what a full disk or a closed terminal refuses.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any

#: No reason is longer, in characters, where it is stored or printed.
LONGEST_REASON = 1000
_CUT = " ... "
#: No space left, quota, file too large, and a terminal that was closed. A closed pipe is not among
#: them: the reader of the output wants no more.
_DROPPED = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
_NO_LOCK = nullcontext()


def printable(text: str) -> str:
    r"""The text with an escape sequence for each character that is not printable.

    Line breaks are among them, so that the result is one line, and codes that change a terminal.

    >>> printable("a\tb")
    'a\\tb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def printable_lines(text: str) -> str:
    """Lines of our own that contain text from elsewhere: of those, only line breaks stay."""
    return "\n".join(map(printable, text.split("\n")))


def shortened(text: str, limit: int = LONGEST_REASON) -> str:
    """The text without its middle, if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    end = (limit - len(_CUT)) // 3
    return text[: limit - len(_CUT) - end] + _CUT + text[-end:]


def one_line(value: object, limit: int = LONGEST_REASON) -> str:
    """A value as one printable line of at most `limit` characters."""
    text = shortened(str(value), 10 * limit)  # the limit is on what remains
    return shortened(printable(" ".join(text.split())), limit)


class _Lenient(FileIO):
    """A file that drops what cannot be written."""

    def __init__(self, number: int, lock: AbstractContextManager[object]) -> None:
        super().__init__(number, "w", closefd=False)
        self._lock = lock

    def write(self, data: Any) -> int:
        try:
            with self._lock:
                return super().write(data)
        except OSError as error:
            if error.errno not in _DROPPED:
                raise
            return memoryview(data).nbytes


def writer(
    number: int, encoding: str = "utf-8", lock: AbstractContextManager[object] = _NO_LOCK
) -> TextIOWrapper:
    """A stream of lines to a descriptor; characters that it cannot encode are escaped.

    Args:
        number: The descriptor; closing the stream does not close it.
        encoding: Of the text.
        lock: Held while the descriptor is written.
    """
    return TextIOWrapper(
        BufferedWriter(_Lenient(number, lock)),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=True,
    )


def own_stream() -> TextIOWrapper:
    """Standard output for one writer: what anyone else prints goes to standard error from now on.

    Children do not inherit the stream, so its reader sees its end when this process ends.
    """
    sys.stdout.flush()
    stream = writer(os.dup(1))
    os.dup2(2, 1)
    return stream


def make_lenient() -> None:
    """Replaces standard output and error of this process; closed ones lead nowhere.

    For entry points. Otherwise a file or a socket could get the number of a closed stream.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        encoding = getattr(stream, "encoding", None) or "utf-8"
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()
        setattr(sys, name, writer(number, encoding))
