from __future__ import annotations

import select
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint.schedulers.environment import environment
from spearmint.schedulers.fork_client import ForkClient


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., ForkClient]]:
    """Makes clients whose fork server imports a module with this code."""
    made = []

    def client(code: str = "") -> ForkClient:
        (tmp_path / "preloaded.py").write_text(code)
        variables = environment(None)
        variables["PYTHONPATH"] += f":{tmp_path}"
        made.append(ForkClient(["preloaded"], variables, tmp_path))
        return made[-1]

    yield client
    for one in made:
        one.close(leave_running=False)


def next_messages(client: ForkClient) -> list[dict[str, Any]]:
    while not (messages := client.receive()):
        select.select(client.sources(), [], [], 240.0)
    return messages


def test_starts_the_process_once_and_reports_when_it_is_ready(make: Any) -> None:
    client = make()
    assert not client.runs
    assert client.sources() == []
    client.start()
    source = client.sources()
    client.start()
    assert client.sources() == source
    assert client.runs
    assert not client.ready
    assert next_messages(client) == [{"ready": True, "forks": True, "failed": {}}]
    assert client.ready
    assert client.receive() == []


def test_the_end_of_the_process_is_a_message(make: Any) -> None:
    client = make("import os; print('one'); print('two', flush=True); os._exit(7)")
    client.start()
    assert next_messages(client) == [{"exited": 7, "output": "two"}]
    assert not client.runs
    assert client.receive() == []
    client.send({"start": "x"})  # has no effect
    assert client.receive() == []


def test_a_killed_process_can_be_started_again(make: Any) -> None:
    client = make()
    client.start()
    next_messages(client)
    client.kill()
    assert next_messages(client) == [{"exited": -signal.SIGKILL, "output": ""}]
    client.start()
    assert not client.ready
    assert "ready" in next_messages(client)[0]


def test_sending_to_a_process_that_has_ended_is_no_error(make: Any) -> None:
    client = make()
    client.start()
    next_messages(client)
    process = client._process
    assert process is not None
    process.kill()
    process.wait()
    client.send({"start": "x", "spec": {}})
    assert "exited" in next_messages(client)[-1]


def test_close_may_leave_the_process_running(make: Any) -> None:
    client = make()
    client.start()
    next_messages(client)
    process = client._process
    assert process is not None
    client.close(leave_running=True)
    assert not client.runs
    process.returncode = None
    assert process.wait(240) == 0, "it exits by itself when the socket is closed and nothing runs"
