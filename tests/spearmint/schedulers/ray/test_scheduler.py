"""What needs no cluster; the rest is in test_conformance.py and test_whole_runs.py."""

from __future__ import annotations

import select
from pathlib import Path
from typing import Any

import pytest

from spearmint.errors import UserError
from spearmint.schedulers import create
from spearmint.schedulers.ray.scheduler import RayScheduler
from spearmint.worker.job_spec import JobSpec
from tests.spearmint.schedulers.ray.configs import ray_config


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """Makes schedulers whose interpreter says that it has every package."""
    file = tmp_path / "python"
    file.write_text("#!/bin/sh\nexit 0\n")
    file.chmod(0o755)

    def made(*words: str) -> RayScheduler:
        found = ray_config(tmp_path, "--python=./python", *words)
        scheduler = create(found.resources[0], found)
        assert isinstance(scheduler, RayScheduler)
        return scheduler

    return made


def test_ids_are_durable_on_a_cluster_that_outlives_the_run(make: Any) -> None:
    assert make("--address=head:6379").durable_ids
    assert not make().durable_ids


def test_ids_of_other_schedulers_are_not_looked_for(make: Any) -> None:
    scheduler = make("--address=head:6379")
    assert scheduler.resume({"SLURM 3": None, "RAY ": None, "RAY x": None}) == set()
    assert make().resume({"RAY hp1-e-1": None}) == set()
    assert not scheduler.driver.runs


def test_driver_that_ends_at_once_is_one_line(make: Any) -> None:
    scheduler = make("--address=head:6379")
    scheduler.start()
    select.select(scheduler.sources(), [], [], 240.0)
    with pytest.raises(UserError, match=r"cannot connect to Ray \(head:6379\): exit status 0"):
        scheduler.poll()


class FakeDriver:
    """In place of the driver's process.

    Attributes:
        known: The actors that Ray knows, by name.
        over: Those of them whose jobs have ended, which it says when it has found them.
        messages: What it says next.
    """

    runs = ready = True

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.over: set[str] = set()
        self.messages: list[dict[str, Any]] = []

    def start(self) -> None:
        """It runs."""

    def send(self, message: dict[str, Any]) -> None:
        if "submit" in message:
            self.known.add(message["submit"])
        elif "find" in message:
            found = [name for name in message["find"] if name in self.known]
            self.messages.append({"found": found})
            self.messages += [ended(name, 0) for name in found if name in self.over]

    def receive(self) -> list[dict[str, Any]]:
        messages, self.messages = self.messages, []
        return messages

    def sources(self) -> list[int]:
        return []


def ended(name: str, status: int) -> dict[str, Any]:
    end = {"status": status, "output": "", "description": "ended", "preempted": False}
    return {"ended": name} | end


def spec(folder: Path, job_id: int) -> JobSpec:
    return JobSpec(job_id, "e", str(folder), "output", "o.py", ["main"], "host:1", "db", 60.0)


@pytest.mark.parametrize("known", [True, False])
def test_jobs_run_on_while_that_of_another_controller_is_looked_for(
    make: Any, tmp_path: Path, known: bool
) -> None:
    scheduler, driver = make("--address=head:6379"), FakeDriver()
    scheduler.driver = driver
    own = scheduler.submit(spec(tmp_path, 1))
    driver.known |= {"hp2-e-b"} if known else set()
    other = scheduler.resume({"RAY hp2-e-b": spec(tmp_path, 2)})
    assert other == ({"RAY hp2-e-b"} if known else set())
    assert scheduler.poll() == []
    driver.messages.append(ended(own[4:], 1))
    [end] = scheduler.poll()
    assert (end.proc_id, end.status) == (own, 1)


def test_a_job_that_is_submitted_before_ray_says_what_still_runs_is_not_lost(
    make: Any, tmp_path: Path
) -> None:
    scheduler, driver = make("--address=head:6379"), FakeDriver()
    scheduler.driver = driver
    ready = {"ready": True, "nodes": ["localhost"], "fits": True}
    driver.messages.append(ready)
    lost = scheduler.submit(spec(tmp_path, 1))
    assert scheduler.poll() == []
    driver.messages.append({"exited": 1, "output": ""})
    assert scheduler.poll() == []
    driver.known.clear()  # the cluster was started again
    driver.messages.append(ready)
    assert scheduler.poll() == []
    later = scheduler.submit(spec(tmp_path, 2))
    [end] = scheduler.poll()
    assert (end.proc_id, end.preempted) == (lost, True)
    assert scheduler.poll() == []
    driver.messages.append(ended(later[4:], 0))
    assert [end.proc_id for end in scheduler.poll()] == [later]


def test_the_end_of_a_job_that_has_just_been_found_is_reported(make: Any, tmp_path: Path) -> None:
    scheduler, driver = make("--address=head:6379"), FakeDriver()
    scheduler.driver = driver
    driver.known = {"hp1-e-a", "hp2-e-b"}
    driver.over = {"hp1-e-a"}
    specs = {"RAY hp1-e-a": spec(tmp_path, 1), "RAY hp2-e-b": spec(tmp_path, 2)}
    assert scheduler.resume(specs) == set(specs)
    [end] = scheduler.poll()
    assert (end.proc_id, end.status) == ("RAY hp1-e-a", 0)
    driver.messages.append(ended("hp2-e-b", 0))
    assert [end.proc_id for end in scheduler.poll()] == ["RAY hp2-e-b"]
