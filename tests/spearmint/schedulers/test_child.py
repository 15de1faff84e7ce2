from __future__ import annotations

import select
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint.schedulers.child import Child

ECHO = """
import json, os, socket, sys

def main():
    channel = socket.socket(fileno=int(sys.argv[1]))
    with channel.makefile("rw") as lines:
        for line in lines:
            lines.write(json.dumps({"echo": json.loads(line), "words": sys.argv[2:]}) + "\\n")
            lines.flush()
    open("ended", "x").close()
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    """Makes children that run a module with this code."""
    made = []

    def child(code: str = ECHO) -> Child:
        (tmp_path / "echo_module.py").write_text(code)
        variables = {"PYTHONPATH": str(tmp_path)}
        made.append(Child(sys.executable, "echo_module", ["a b", "é"], variables, tmp_path))
        return made[-1]

    yield child
    for one in made:
        one.close(leave_running=False)


def next_messages(child: Child) -> list[dict[str, Any]]:
    while not (messages := child.receive()):
        select.select(child.sources(), [], [], 240.0)
    return messages


def test_exchanges_messages(make: Any) -> None:
    child = make()
    child.send({"lost": True})  # it does not run
    child.start()
    child.send({"x": ["é\n", None]})
    assert next_messages(child) == [{"echo": {"x": ["é\n", None]}, "words": ["a b", "é"]}]
    assert not child.ready


def test_its_last_line_explains_its_end(make: Any) -> None:
    child = make("def main(): print('one', flush=True); raise SystemExit('two')")
    child.start()
    assert next_messages(child) == [{"exited": 1, "output": "two"}]
    assert child.sources() == []
    assert not child.runs


def test_an_interpreter_that_is_missing(tmp_path: Path) -> None:
    child = Child(str(tmp_path / "python"), "m", [], {}, tmp_path)
    with pytest.raises(OSError, match="No such file"):
        child.start()
    assert not child.runs


def test_close_lets_it_end_its_work(make: Any, tmp_path: Path) -> None:
    child = make()
    child.start()
    child.send({})
    next_messages(child)
    process = child._process
    assert process is not None
    child.close(leave_running=True)
    process.returncode = None
    assert process.wait(240) == 0
    assert (tmp_path / "ended").exists()
