"""Standard output and error of a worker's process: redirected to a file, and flushed."""

from __future__ import annotations

import faulthandler
import os
import stat
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from spearmint.console.printing import writer

#: Held by this process while it writes to the file of `redirect`, and by whoever shortens the file.
writing = threading.RLock()
os.register_at_fork(
    before=writing.acquire, after_in_parent=writing.release, after_in_child=writing.release
)
_former: list[int] = []  # standard error before `redirect`, until `begin`


def redirect(path: Path) -> None:
    """Appends this process's output, including that of C code and child processes, to a file.

    Standard input becomes empty, and a fatal signal such as SIGSEGV prints a traceback.

    Raises:
        OSError: The file cannot be opened and written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        _check_writable(target)
        if not os.path.sameopenfile(target, 2):
            _former.append(os.dup(2))
    except OSError:
        os.close(target)
        raise
    for number in (1, 2):
        os.dup2(target, number)
    os.close(target)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = writer(1, lock=writing)
    sys.stderr = writer(2, lock=writing)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
    faulthandler.enable(file=2)


def _check_writable(target: int) -> None:
    """Raises OSError if a file accepts no byte, for example since its disk is full."""
    state = os.fstat(target)
    if stat.S_ISREG(state.st_mode):
        os.write(target, b"\n")
        os.ftruncate(target, state.st_size)


def tell(text: str, stream: TextIO | None = None) -> None:
    """Prints lines of our own; that this is impossible (a full disk) must not end a job.

    Args:
        text: The lines.
        stream: Where to (default: standard output).
    """
    with suppress(OSError, ValueError):  # ValueError: the objective has closed the stream
        print(text, file=stream, flush=True)


def report(text: str) -> None:
    """Tells why a job could not begin: to its output, and to whoever has started this process."""
    tell(text, sys.stderr)
    for former in _former:
        with suppress(OSError):
            os.write(former, f"{text}\n".encode(errors="backslashreplace"))


def begin() -> None:
    """The job begins: from now on, its output file alone gets messages."""
    while _former:
        os.close(_former.pop())


def flush() -> None:
    """Flushes standard output and error, also if the objective has closed or replaced them."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
