"""Events: one JSON object per line, for a program that shows them its own way."""

from __future__ import annotations

import io
import json
import math
import os
from pathlib import Path
from typing import Any

from spearmint.choosers import Best
from spearmint.config import Task
from spearmint.console.printing import writer
from spearmint.control.events import Events

TASKS = (Task("error", objective=True), Task("power", objective=False))
PARAMS = {"x": {"type": "float", "values": [0.5]}}
JOB: dict[str, Any] = {"id": 3, "status": "complete", "params": PARAMS, "resource": "Main"}


def test_what_each_event_says() -> None:
    stream = io.StringIO()
    events = Events(TASKS, stream)
    best = Best(PARAMS, {"error": 1.5, "power": float("nan")}, 0.93, False, {"error": 0.1})
    events.print("a\nb")
    events.debug("left out")
    events.status([JOB])
    events.suggested(JOB, [JOB], again=True)
    events.finished(JOB, Path("/o/3.out"))
    events.expected(best)
    events.expected(None)
    events.end([JOB], "done: enough", best)
    events.stopped("stopped", [JOB])
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    power = told[3]["values"].pop("power")
    assert math.isnan(power)
    assert told == [
        {"event": "message", "text": "a\nb"},
        {"event": "submitted", "job": 3, "params": PARAMS, "resource": "Main", "again": True},
        {"event": "finished", "job": 3, "status": "complete", "output": "/o/3.out"},
        {
            "event": "expected",
            "params": PARAMS,
            "values": {"error": 1.5},
            "spread": {"error": 0.1},
            "probability": 0.93,
            "confident": False,
        },
        {"event": "end", "text": "done: enough"},
        {"event": "end", "text": "stopped"},
    ]


def test_a_reader_that_was_killed_ends_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    stream = writer(write)
    events = Events(TASKS, stream)
    events.print("lost")
    events.print("lost too")
    stream.close()
    os.close(write)
