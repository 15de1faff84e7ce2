"""Ctrl-C and SIGTERM, taken at the moments that suit the loop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal came while it may act at once, or a second one while the first was obeyed."""


class Interrupts:
    """Notes the first signal that asks this process to end; wakes a `select`.

    Attributes:
        received: The signal's number; None so far.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._raising = False
        self._reader: socket.socket | None = None
        self._former: dict[int, object] = {}

    def __enter__(self) -> Interrupts:
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._former_wakeup = signal.set_wakeup_fd(self._writer.fileno())
        for number in SIGNALS:
            former = signal.getsignal(number)
            if former is not signal.SIG_IGN:  # as under nohup
                self._former[number] = former
                signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._former_wakeup)
        for number, former in self._former.items():
            signal.signal(number, former)  # type: ignore[arg-type]
        if self._reader is not None:
            self._reader.close()
            self._writer.close()
            self._reader = None

    def sources(self) -> list[int]:
        """What becomes readable when a signal came."""
        if self._reader is None:
            return []
        with suppress(BlockingIOError):  # what woke us is in `received` by now
            self._reader.recv(4096)
        return [self._reader.fileno()]

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Around computing that changes nothing: a signal ends it by Interrupted."""
        if self.received is not None:
            raise Interrupted
        self._raising = True
        try:
            yield
        finally:
            self._raising = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        again = self.received is not None
        self.received = self.received or number
        if self._raising or again:
            self._raising = False
            raise Interrupted
