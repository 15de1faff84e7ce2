"""Standard output and error of a worker's process: redirected to a file, and flushed."""

from __future__ import annotations

import faulthandler
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path


def redirect(path: Path) -> None:
    """Appends this process's output, including that of C code and child processes, to a file.

    Standard input becomes empty, and a fatal signal such as SIGSEGV prints a traceback.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for number in (1, 2):
        os.dup2(target, number)
    os.close(target)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = _writer(1)
    sys.stderr = _writer(2)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
    faulthandler.enable(file=2)


def flush() -> None:
    """Flushes standard output and error, also if the objective has closed or replaced them."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def _writer(number: int) -> TextIOWrapper:
    return os.fdopen(
        number, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )
