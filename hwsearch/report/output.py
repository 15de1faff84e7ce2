"""Standard output of the reports."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable

from hwsearch.errors import UserError
from hwsearch.report.sections import Section, as_text


def show(sections: Iterable[Section]) -> None:
    """Prints sections as text, no wider than the terminal if it is one."""
    put(as_text(sections, terminal_width()))


def terminal_width() -> int | None:
    """The columns of the terminal that standard output is; None if it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def put(text: str, end: str = "\n") -> None:
    """Prints at once; a full disk is an error, since the output may be a file.

    Raises:
        UserError: It cannot be written.
        BrokenPipeError: Nobody reads it any more.
    """
    try:
        print(text, end=end, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would raise the error again when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise UserError(f"standard output: cannot be written: {error.strerror}") from None
