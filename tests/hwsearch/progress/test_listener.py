"""The events of the optimiser reach the view, whatever happens on either side."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from hwsearch.progress.listener import Listener


class Recorder:
    """A view that keeps what it is given; it may fail at the event with the text `bad`."""

    def __init__(self, error: Exception | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.closed = False
        self._error = error

    def show(self, event: Mapping[str, Any]) -> None:
        if self._error is not None and event.get("text") == "bad":
            raise self._error
        self.events.append(dict(event))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def close(self) -> None:
        self.closed = True


def lines(*events: Mapping[str, Any] | str) -> bytes:
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return "".join(f"{text}\n" for text in texts).encode()


def message(text: str) -> dict[str, Any]:
    return {"event": "message", "text": text}


def listen(view: Recorder, written: bytes) -> list[str]:
    """Gives a view what an optimiser writes; returns how often that was stopped."""
    stopped: list[str] = []
    with Listener(view, lambda: stopped.append("stop")) as listener:
        os.write(listener.descriptor, written)
    return stopped


def test_every_event_is_shown_before_the_block_ends() -> None:
    view = Recorder()
    events = [{"event": "finished", "job": 7, "values": {"error": float("nan")}}, message("a\nb")]
    assert listen(view, lines(events[0], "a traceback", "[1]", events[1])) == []
    assert view.closed
    assert [event["event"] for event in view.events] == [
        "finished", "message", "message", "message",
    ]  # fmt: skip
    assert [event.get("text") for event in view.events[1:]] == ["a traceback", "[1]", "a\nb"]


def test_a_program_that_writes_to_the_descriptor() -> None:
    view = Recorder()
    code = f"print({json.dumps(json.dumps(message('x')))})"
    with Listener(view, lambda: None) as listener:
        subprocess.run([sys.executable, "-c", code], stdout=listener.descriptor, check=True)
    assert view.events == [message("x")]


def test_a_reader_that_has_gone_stops_the_optimiser_once() -> None:
    view = Recorder(BrokenPipeError())
    stopped: list[str] = []
    with (
        pytest.raises(BrokenPipeError),
        Listener(view, lambda: stopped.append("stop")) as listener,
    ):
        os.write(listener.descriptor, lines(message("bad"), message("bad"), message("good")))
    assert stopped == ["stop"]
    assert view.events == []


def test_a_fault_of_the_view_ends_nothing() -> None:
    view = Recorder(KeyError("values"))
    assert listen(view, lines(message("bad"), message("good"))) == []
    assert view.events == [message("good")]
    (note,) = view.notes
    assert "KeyError: 'values'" in note
