"""Keeps a job's output file bounded: its beginning and its end stay, the middle is left out."""

from __future__ import annotations

import os
import re
import threading
from contextlib import suppress
from pathlib import Path

from spearmint.worker import output

#: How often the file is looked at, in seconds.
INTERVAL_S = 0.5
#: A cut is moved to the end of a line that is at most so many bytes away.
LONGEST_LINE = 1000
#: So often, what was appended meanwhile is read before a file is shortened.
_READINGS = 10
_MARK = re.compile(rb"\n?\[([0-9]+) bytes left out: more than output-limit\]\n")


class OutputLimit:
    """Bounds the output file of a job for a `with` block: a thread looks at it again and again.

    Args:
        path: The file; everybody who writes to it appends.
        limit: The largest size, in bytes; None for no limit. It is exceeded for a moment by a job
            that prints much.
    """

    def __init__(self, path: Path, limit: int | None) -> None:
        self._path = path
        self._limit = limit
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="output limit", daemon=True)

    def __enter__(self) -> OutputLimit:
        if self._limit is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._limit is not None:
            self._stopped.set()
            self._thread.join(timeout=10 * INTERVAL_S)
            output.flush()
            self._shorten(self._limit)

    def _run(self) -> None:
        """Runs in the thread."""
        while self._limit is not None and not self._stopped.wait(INTERVAL_S):
            self._shorten(self._limit)

    def _shorten(self, limit: int) -> None:
        with suppress(OSError):
            shorten(self._path, limit)


def shorten(path: Path, limit: int) -> None:
    """Leaves out the middle of a file that is longer than a limit.

    The first half of the limit and the last quarter stay, and a line between them says how much is
    missing, earlier calls included. What this process prints meanwhile waits and stays; what
    another process appends in the moment of the change may be lost.

    Args:
        path: The file.
        limit: In bytes.

    Raises:
        OSError: The file cannot be read or changed.
    """
    if path.stat().st_size <= limit:
        return
    half, quarter = limit // 2, limit // 4
    with path.open("r+b", buffering=0) as file:
        head_end, tail_begin, left_out = _kept(file.fileno(), half)
        size = os.fstat(file.fileno()).st_size
        begin = max(size - quarter, tail_begin)
        tail = os.pread(file.fileno(), 2 * limit, begin)
        line_end = tail.find(b"\n", 0, LONGEST_LINE) + 1 if begin > tail_begin else 0
        left_out += begin + line_end - tail_begin
        mark = f"\n[{left_out} bytes left out: more than output-limit]\n".encode()
        with output.writing, path.open("ab", buffering=0) as end:
            for _ in range(_READINGS):
                # On a busy machine, much may be appended until here.
                appended = os.pread(file.fileno(), limit, begin + len(tail))
                if not appended:
                    break
                tail += appended
            os.ftruncate(file.fileno(), head_end)
            end.write(mark + tail[line_end:])


def _kept(file: int, half: int) -> tuple[int, int, int]:
    """Where the beginning that stays ends, what follows it, and how much was left out earlier."""
    start = max(half - LONGEST_LINE, 0)
    text = os.pread(file, 2 * LONGEST_LINE, start)
    mark = _MARK.search(text)
    if mark is not None:
        return start + mark.start(), start + mark.end(), int(mark[1])
    cut = text.rfind(b"\n", 0, half - start) + 1
    end = start + cut if cut else half
    return end, end, 0
