"""Deferred handling of SIGINT, SIGTERM and SIGHUP."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal arrived inside `Interrupts.raising`, or a second one arrived anywhere."""


class Interrupts:
    """Records the first signal that asks this process to end, and wakes up a `select`.

    Attributes:
        received: The signal's number; None before a signal arrives.
        at_first: Called when the first signal arrives, whatever this process does at the moment.
    """

    __slots__ = (
        "_former",
        "_former_wakeup",
        "_raising",
        "_reader",
        "_writer",
        "at_first",
        "received",
    )

    def __init__(self) -> None:
        self.received: int | None = None
        self.at_first: Callable[[], object] | None = None
        self._raising = False
        self._former: dict[int, object] = {}
        self._former_wakeup = -1
        self._reader: socket.socket | None = None
        self._writer: socket.socket | None = None

    def __enter__(self) -> Interrupts:
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._former_wakeup = signal.set_wakeup_fd(self._writer.fileno())
        for number in SIGNALS:
            former = signal.getsignal(number)
            if former is not signal.SIG_IGN:  # nohup ignores SIGHUP
                self._former[number] = former
                signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._former_wakeup)
        for number, former in self._former.items():
            signal.signal(number, former)  # type: ignore[arg-type]
        for end in (self._reader, self._writer):
            if end is not None:
                end.close()
        self._reader = self._writer = None

    def sources(self) -> list[int]:
        """File descriptors that become readable when a signal arrives."""
        if self._reader is None:
            return []
        with suppress(BlockingIOError):  # earlier signals are in `received` already
            self._reader.recv(4096)
        return [self._reader.fileno()]

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Within this context, which must not change anything, a signal raises Interrupted."""
        if self.received is not None:
            raise Interrupted
        self._raising = True
        try:
            yield
        finally:
            self._raising = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del frame
        again = self.received is not None
        self.received = self.received or number
        if not again and self.at_first is not None:
            self.at_first()
        if self._raising or again:
            self._raising = False
            raise Interrupted
