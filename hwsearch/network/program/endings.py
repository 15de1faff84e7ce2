"""Scripts that end themselves, or want arguments or an answer: what to write instead.

A script is run as `python network_def.py`, without arguments, and nobody answers its questions.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

from hwsearch.network.errors import LONGEST_MESSAGE, explained, script_line
from hwsearch.printing import shortened

_WITHOUT = "the script is run without arguments"
_NO_ANSWER = (
    "the script asks for input, but nobody answers while networks are built; expected the value in "
    "the script"
)


def is_regular(error: SystemExit) -> bool:
    """Whether a script ends itself as one does that has done its work: `sys.exit(main())`."""
    return error.code is None or error.code == 0


def exit_text(error: SystemExit, text: str) -> str:
    """Why a script ended itself, and what to do about it.

    Args:
        error: What `sys.exit` raised.
        text: The script.
    """
    wanted = _missing_arguments(error)
    if wanted:
        return (
            f"argparse: {wanted}; {_WITHOUT}: give each a default=, and none required=True "
            "(without a --, also nargs='?')"
        )
    cause = error.__context__
    if cause is not None and type(cause).__module__.startswith("click"):
        message = str(getattr(cause, "message", "") or cause)
        return f"click: {shortened(message, LONGEST_MESSAGE)}; {_WITHOUT}: give each a default="
    status = "" if error.code is None else shortened(repr(error.code), LONGEST_MESSAGE)
    said = f"the script ends itself by sys.exit({status})"
    if cause is not None and isinstance(cause, Exception):
        said += f" after {explained(cause)}"
    if is_regular(error):
        return f"{said} before it calls model.fit, or defines what a script without fit must define"
    if "sys.argv" in text:
        return f"{said}; {_WITHOUT}: expected the values that sys.argv gives in the script"
    return said


def argument_remedy(error: BaseException, path: Path) -> str:
    """What to do about an exception of a line that reads `sys.argv`; "" if it is another one.

    Args:
        error: The exception.
        path: The script.
    """
    if not isinstance(error, IndexError | ValueError | KeyError):
        return ""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    number = script_line(error, path) or 0
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if "argv" not in line:
        return ""
    return f"{_WITHOUT}, so that sys.argv holds only its name: expected the values in the script"


def _missing_arguments(error: SystemExit) -> str:
    """What `argparse` said before it ended the script; "" if something else ended it."""
    step = error.__traceback__
    while step:
        code, names = step.tb_frame.f_code, step.tb_frame.f_locals
        if _is_error_of_argparse(code):
            return shortened(str(names.get("message", "")), LONGEST_MESSAGE)
        step = step.tb_next
    return ""


def _is_error_of_argparse(code: CodeType) -> bool:
    return code.co_name == "error" and Path(code.co_filename).name == "argparse.py"


class _Unanswered(io.TextIOBase):
    """Standard input that says why there is none."""

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, _size: int | None = -1) -> NoReturn:
        """Refuses.

        Raises:
            EOFError: Always.
        """
        raise EOFError(_NO_ANSWER)

    def readline(self, _size: Any = -1) -> NoReturn:
        """Refuses, also for `input` and for loops over lines.

        Raises:
            EOFError: Always.
        """
        raise EOFError(_NO_ANSWER)

    __next__ = readline


@contextlib.contextmanager
def no_input() -> Iterator[None]:
    """Lets nothing wait for standard input while this is open."""
    former, sys.stdin = sys.stdin, _Unanswered()
    try:
        yield
    finally:
        sys.stdin = former
