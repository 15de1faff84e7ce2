"""Programs that run as children: each signal is forwarded to them once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from types import FrameType

_FORWARDED = {
    signal.SIGINT: signal.SIGINT,
    signal.SIGTERM: signal.SIGTERM,
    signal.SIGHUP: signal.SIGTERM,
}


class Forwarding:
    """Forwards signals to a child while a `with` block lasts; ignored signals stay ignored.

    Attributes:
        pending: Signals that arrived while there was no child; the next child receives them.
    """

    def __init__(self) -> None:
        self.pending: list[int] = []
        self._child: subprocess.Popen[bytes] | None = None
        self._previous: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Forwarding:
        for number in _FORWARDED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def run(
        self,
        command: Sequence[str],
        *,
        stop_after_s: float | None = None,
        keep_open: Sequence[int] = (),
        quiet: bool = False,
        stdout: int | None = None,
        stderr: int | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> int:
        """Runs a command to its end.

        The child has a process group of its own: Ctrl-C in a terminal reaches it through this
        process, once.

        Args:
            command: The program and its arguments.
            stop_after_s: Seconds after which it receives a SIGINT; None = never.
            keep_open: File descriptors that it inherits.
            quiet: Whether its standard output is discarded.
            stdout: The descriptor of its standard output; None = that of this process.
            stderr: That of its standard error, likewise.
            environ: Its environment; None = that of this process.

        Returns:
            Its exit status; 128 + n if signal n ended it; 0 if it was stopped after `stop_after_s`.
        """
        with subprocess.Popen(
            command,
            process_group=0,
            pass_fds=keep_open,
            stdout=subprocess.DEVNULL if quiet else stdout,
            stderr=stderr,
            env=environ,
        ) as child:
            self._child = child
            self._deliver()
            try:
                status = child.wait(stop_after_s)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGINT)
                child.wait()
                status = 0
            finally:
                self._child = None
        return status if status >= 0 else 128 - status

    def stop(self) -> None:
        """Sends SIGTERM to the child; from any thread."""
        self.pending.append(signal.SIGTERM)
        self._deliver()

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self.pending.append(_FORWARDED[signal.Signals(number)])
        self._deliver()

    def _deliver(self) -> None:
        while self._child is not None and self.pending:
            with contextlib.suppress(ProcessLookupError):
                self._child.send_signal(self.pending.pop(0))


def occupy_standard_streams() -> None:
    """Opens /dev/null on closed standard streams.

    The next file to be opened would get the number of a closed stream otherwise, and children
    would write their output into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number: this one
