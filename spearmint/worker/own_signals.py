"""Signal handlers of the worker, which processes that its objective forks do not inherit.

A child speaks for itself alone: with the worker's handler of SIGTERM, it would put the job back, or
print a traceback of ours into the job's output.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

Handler = Callable[[int, FrameType | None], object]
_handlers: dict[int, Handler] = {}


def handle(number: int, handler: Handler) -> None:
    """Handles a signal in this process, but not in its children."""
    _handlers[number] = handler
    signal.signal(number, handler)


def _restore_defaults() -> None:
    """In a child: removes the handlers, except those that the objective has replaced."""
    for number, handler in _handlers.items():
        if signal.getsignal(number) == handler:
            with suppress(ValueError):  # not the main thread
                signal.signal(number, signal.SIG_DFL)
    _handlers.clear()


os.register_at_fork(after_in_child=_restore_defaults)
