"""Receives the events of the optimiser while it runs, and hands them to a view."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self

#: What the optimiser says: its kind is under `event`.
Event = Mapping[str, Any]
#: How long the last events may take to be shown, in seconds.
LAST_S = 60.0
#: How long to wait for more remarks after the optimiser has ended.
REMARKS_S = 2.0


class View(Protocol):
    """Shows events to the user."""

    def show(self, event: Event) -> None:
        """Shows one event."""

    def note(self, text: str) -> None:
        """Shows lines that are no event."""

    def close(self) -> None:
        """Ends the view; what it has shown stays."""


class Listener:
    """Shows events for a `with` block.

    Attributes:
        descriptor: Takes events.
        remarks: Takes lines that are no events, such as warnings: a second stream, since children
            of the optimiser may inherit it.

    Args:
        view: Shows them, in a thread of its own.
        stop: Stops the optimiser, if nobody reads what is shown any more.

    Raises:
        BrokenPipeError: At the end of the block: nobody reads what is shown.
    """

    def __init__(self, view: View, stop: Callable[[], None]) -> None:
        self._view = view
        self._stop = stop
        self._gone: BrokenPipeError | None = None
        events, self.descriptor = os.pipe()
        remarks, self.remarks = os.pipe()
        self._threads = [
            threading.Thread(target=self._read, args=how, name=name, daemon=True)
            for name, how in (("events", (events, self._show)), ("remarks", (remarks, self._note)))
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread, descriptor, most_s in zip(
            self._threads, (self.descriptor, self.remarks), (LAST_S, REMARKS_S), strict=True
        ):
            os.close(descriptor)  # the optimiser has closed its own by now
            thread.join(most_s)
        try:
            self._view.close()
        except BrokenPipeError as error:
            self._gone = error
        if self._gone is not None:
            raise self._gone

    def _read(self, descriptor: int, take: Callable[[str], None]) -> None:
        with os.fdopen(descriptor, encoding="utf-8", errors="backslashreplace") as lines:
            for line in lines:
                if self._gone is None:
                    take(line)

    def _note(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # the next event raises it
            self._view.note(line.rstrip("\n"))

    def _show(self, line: str) -> None:
        try:
            self._view.show(_event(line))
        except BrokenPipeError as error:
            self._gone = error
            self._stop()
        except Exception as error:  # the search must not end because of how it is shown
            what = f"{type(error).__name__}: {error}"
            self._view.note(f"cannot show what happened ({what}): {line.strip()}")


def _event(line: str) -> Event:
    """An event; a line that is none is a message."""
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if isinstance(event, Mapping) and isinstance(event.get("event"), str):
        return event
    return {"event": "message", "text": line.rstrip("\n")}
