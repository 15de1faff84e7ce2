"""What needs no cluster; the rest is in test_conformance.py and test_whole_runs.py."""

from __future__ import annotations

import select
from pathlib import Path
from typing import Any

import pytest

from spearmint.errors import UserError
from spearmint.schedulers import create
from spearmint.schedulers.ray.scheduler import RayScheduler
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
