"""The driver process, with a real Ray cluster."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import psutil
import pytest

from spearmint.schedulers.child import Child
from spearmint.schedulers.environment import environment
from spearmint.schedulers.ray.settings import Settings
from tests.running import is_running
from tests.servers import ray_cluster

pytestmark = pytest.mark.server
_received: dict[Child, list[dict[str, Any]]] = {}


@pytest.fixture
def make(ray: ray_cluster.Cluster, tmp_path: Path) -> Iterator[Callable[..., Child]]:
    """Starts drivers with settings."""
    made = []

    def driver(**settings: Any) -> Child:
        given = Settings(**{"address": ray.address, "namespace": "test_driver", **settings})
        made.append(
            Child(
                str(ray_cluster.PYTHON),
                "spearmint.schedulers.ray.driver",
                [given.to_json()],
                environment(None),
                tmp_path,
            )
        )
        made[-1].start()
        return made[-1]

    yield driver
    for one in made:
        one.close(leave_running=False)


def next_message(driver: Child) -> dict[str, Any]:
    waiting = _received.setdefault(driver, [])
    while not waiting:
        select.select(driver.sources(), [], [], 240.0)
        waiting += driver.receive()
    return waiting.pop(0)


def test_what_a_driver_does(make: Any) -> None:
    driver = make()
    here = [socket.gethostname()]
    assert next_message(driver) == {"ready": True, "nodes": here, "fits": True}
    driver.send({"submit": "one", "script": "exit 7\n"})
    assert next_message(driver) == {
        "ended": "one",
        "status": 7,
        "output": "",
        "description": "ended",
        "preempted": False,
    }
    driver.send({"submit": "two", "script": "exec sleep 900\n"})
    driver.send({"find": ["one", "two", "three"]})
    assert next_message(driver) == {"found": ["two"]}
    other = make()
    next_message(other)
    other.send({"find": ["one", "two"]})
    assert next_message(other) == {"found": ["two"]}
    other.send({"end": "two", "grace_s": 60})
    assert "ended" in next_message(driver)
    assert "ended" in next_message(other)


def test_jobs_that_do_not_fit_wait_and_can_be_withdrawn(make: Any) -> None:
    driver = make(num_gpus=1000.0)
    assert not next_message(driver)["fits"]
    driver.send({"submit": "waits", "script": "touch began\n"})
    driver.send({"withdraw": True})
    assert next_message(driver) == {"withdrawn": ["waits"]}
    assert next_message(driver)["ended"] == "waits"


def test_job_that_ray_refuses(make: Any) -> None:
    driver = make(custom={"CPU": 1.0})
    next_message(driver)
    driver.send({"submit": "one", "script": "exit 0\n"})
    message = next_message(driver)
    assert (message["ended"], message["description"]) == ("one", "refused by Ray")
    assert "CPU" in message["output"]


def test_client_whose_server_does_not_answer_begins_again(
    ray: ray_cluster.Cluster, tmp_path: Path
) -> None:
    """The server is out of reach behind a port that forwards nothing until the second attempt."""
    code = """
from spearmint.schedulers.ray import driver
driver.ATTEMPTS_S = (2.0, *driver.ATTEMPTS_S[1:])
driver.main()
"""
    with (
        ray.clients() as address,
        closed_gate(address.removeprefix("ray://")) as (gate, opened),
        started(code, Settings(f"ray://{gate}", namespace="test_begins_again"), tmp_path) as driver,
    ):
        process = psutil.Process(driver.process.pid)
        while process.cmdline()[-1:] != ["1"]:  # [] while it is replaced
            assert driver.process.poll() is None
            time.sleep(0.05)
        opened.set()
        assert driver.message()["ready"]
        assert driver.message()["status"] == 7


@pytest.mark.usefixtures("ray")  # which is skipped without Ray
def test_cluster_of_its_own_that_starts_slowly_is_started_again(tmp_path: Path) -> None:
    """Ray asks in vain for its node until it gives up, during the first start."""
    code = """
import sys, time
import ray  # which brings psutil
import psutil
from ray._private import node, services
from spearmint.schedulers.ray import driver

def in_vain(*args):
    with open("started", "w") as file:
        file.write(" ".join(str(one.pid) for one in psutil.Process().children(recursive=True)))
    node.time.monotonic = lambda: now() + 3600
    raise RuntimeError("no node yet")

now = time.monotonic
if len(sys.argv) == 3:
    services.get_node = in_vain
driver.main()
"""
    with started(code, Settings(), tmp_path) as driver:
        assert driver.message()["ready"]
        assert driver.message()["status"] == 7
        assert psutil.Process(driver.process.pid).cmdline()[-1] == "1"
        first = [int(pid) for pid in (tmp_path / "started").read_text().split()]
        assert first
        while any(map(is_running, first)):
            time.sleep(0.05)


@dataclass
class Started:
    """A driver process, and the messages that it sends."""

    process: subprocess.Popen[bytes]
    lines: TextIO

    def message(self) -> dict[str, Any]:
        return dict(json.loads(self.lines.readline()))


@contextlib.contextmanager
def started(code: str, settings: Settings, folder: Path) -> Iterator[Started]:
    """A driver that runs code and gets a job that ends with status 7; it must end as it should."""
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile() as lines:
        number = str(theirs.fileno())
        with subprocess.Popen(
            [str(ray_cluster.PYTHON), "-P", "-c", code, number, settings.to_json()],
            pass_fds=[theirs.fileno()],
            env=environment(None),
            cwd=folder,
        ) as process:
            theirs.close()
            try:
                ours.sendall(b'{"submit": "one", "script": "exit 7\\n"}\n')
                yield Started(process, lines)
            except BaseException:
                process.kill()
                raise
            lines.close()
            ours.close()
            assert process.wait() == 0


@contextlib.contextmanager
def closed_gate(target: str) -> Iterator[tuple[str, threading.Event]]:
    """A port that accepts connections and, once its event is set, forwards new ones to a target."""
    host, port = target.split(":")
    opened = threading.Event()
    taken: list[socket.socket] = []

    def copy(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                sink.sendall(chunk)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                taken.append(client := gate.accept()[0])
                if opened.is_set():
                    taken.append(server := socket.create_connection((host, int(port))))
                    for pair in [(client, server), (server, client)]:
                        threading.Thread(target=copy, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as gate:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"127.0.0.1:{gate.getsockname()[1]}", opened
        finally:
            gate.shutdown(socket.SHUT_RDWR)
            for one in taken:
                one.close()


def test_this_interpreter_is_not_that_of_ray() -> None:
    """Else, the tests would not show that the search itself needs no Ray."""
    assert Path(sys.executable).parent != ray_cluster.PYTHON.parent
