"""The driver process, with a real Ray cluster."""

from __future__ import annotations

import select
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint.schedulers.child import Child
from spearmint.schedulers.environment import environment
from spearmint.schedulers.ray.settings import Settings
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


def test_this_interpreter_is_not_that_of_ray() -> None:
    """Else, the tests would not show that the search itself needs no Ray."""
    assert Path(sys.executable).parent != ray_cluster.PYTHON.parent
