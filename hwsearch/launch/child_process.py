"""A program run as a child: signals handed on to it once, its end waited for."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

_FORWARDED = {
    signal.SIGINT: signal.SIGINT,
    signal.SIGTERM: signal.SIGTERM,
    signal.SIGHUP: signal.SIGTERM,
}


def run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    stop_after_s: float | None = None,
    keep_open: Sequence[int] = (),
    quiet: bool = False,
) -> int:
    """Runs a command to its end.

    The child gets a process group of its own: a terminal's Ctrl-C reaches it through here, once.

    Args:
        command: The program and its arguments.
        cwd: Its working folder.
        stop_after_s: Seconds after which it gets a SIGINT.
        keep_open: File descriptors that it inherits.
        quiet: Its standard output is not shown.

    Returns:
        Its exit status; 128 + n where signal n ended it.
    """
    pending: list[int] = []
    process: subprocess.Popen[bytes] | None = None

    def forward(number: int, _frame: FrameType | None) -> None:
        pending.append(_FORWARDED[signal.Signals(number)])
        if process is not None:
            hand_on(process)

    def hand_on(child: subprocess.Popen[bytes]) -> None:
        while pending:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(pending.pop(0))

    former = {number: signal.signal(number, forward) for number in _FORWARDED}
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            process_group=0,
            pass_fds=keep_open,
            stdout=subprocess.DEVNULL if quiet else None,
        )
        hand_on(process)
        try:
            status = process.wait(stop_after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait()
            status = 0
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status
