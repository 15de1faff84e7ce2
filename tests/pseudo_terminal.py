"""A pseudo-terminal, to see what is drawn on a real one."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Callable

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PATIENCE_S = 240.0


class Terminal:
    """A pseudo-terminal, from which everything that was drawn is read."""

    def __init__(self, columns: int) -> None:
        self.ours, self.theirs = pty.openpty()
        self.resize(columns)
        self.stream = os.fdopen(self.theirs, "w", encoding="utf-8")
        self.raw = ""

    def resize(self, columns: int) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read_until(self, done: Callable[[str], bool]) -> str:
        """Reads until what was drawn, without control sequences, is as wanted."""
        end = time.monotonic() + PATIENCE_S
        while not done(CONTROL.sub("", self.raw)):
            assert time.monotonic() < end, self.raw[-2000:]
            ready, _, _ = select.select([self.ours], [], [], PATIENCE_S)
            assert ready, self.raw
            self.raw += os.read(self.ours, 65536).decode("utf-8", "replace")
        return CONTROL.sub("", self.raw)
