"""Whole searches with a check; their processes are killed."""

from __future__ import annotations

import os
import signal
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest

from spearmint import processes

CODE = """
    import os
    from pathlib import Path

    def main(job_id, params):
        if job_id == 3 and Path("wait").exists():
            import time
            while Path("wait").exists():
                time.sleep(0.02)
        return {"f": float(params["x"]), "c": 10.0 - params["n"]}

    def check(params):
        with open("checks", "a") as file:
            file.write(f"{os.getppid()}\\n")
        return {"c": 10.0 - params["n"]}
"""
SETTINGS: dict[str, Any] = {
    "tasks": {
        "f": {"type": "OBJECTIVE"},
        "c": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
    },
    "variables": {
        "x": {"type": "FLOAT", "min": 0, "max": 1},
        "n": {"type": "INT", "min": 1, "max": 30},
    },
    "chooser": "default_chooser",
    "chooser-args": {"initial-points": 100},
    "candidate-check": "objective.py:check",
    "max-finished-jobs": 6,
}


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.server)])
def settings(request: Any) -> dict[str, Any]:
    if request.param == "sqlite":
        return SETTINGS
    address = request.getfixturevalue("mongo_address")
    return SETTINGS | {"database": {"address": address, "name": f"test-{uuid.uuid4().hex[:12]}"}}


def points(one: Any) -> list[Any]:
    return [job["params"] for job in one.jobs()]


def checkers(folder: Path) -> list[psutil.Process]:
    """The running processes that have checked candidates."""
    numbers = set(map(int, (folder / "checks").read_text().split()))
    return [psutil.Process(number) for number in numbers if psutil.pid_exists(number)]


def ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_no_job_breaks_the_bound_and_the_rest_is_told(
    experiment: Any, settings: dict[str, Any]
) -> None:
    one = experiment(CODE, **settings)
    text = one.run()
    jobs = one.jobs()
    assert [job["status"] for job in jobs] == ["complete"] * 6
    assert all(job["values"]["c"] >= 0 for job in jobs)
    with one.store as store:
        count = len(store.discarded("test"))
        assert store.experiments() == ["test"]
    assert f"{count} candidate{'s were' if count > 1 else ' was'} not evaluated: c not met" in text
    assert count + 6 == len((one.folder / "checks").read_text().split())

    # Without the check, they would have been jobs.
    other = experiment(CODE, "other", **(SETTINGS | {"candidate-check": None}))
    other.run("--max-finished-jobs", str(6 + count))
    kept = [job["params"] for job in other.jobs() if job["values"]["c"] >= 0]
    assert kept == points(one)

    assert "removed: test: 6 jobs" in one.finish(one.start(script="cleanup.py"))
    with one.store as store:
        assert store.discarded("test") == []


def test_a_killed_controller_takes_the_check_with_it_and_the_search_goes_on(
    experiment: Any, settings: dict[str, Any]
) -> None:
    undisturbed = experiment(CODE, "undisturbed", **SETTINGS)
    undisturbed.run()

    one = experiment(CODE, **settings)
    (one.folder / "wait").touch()
    child = one.start()
    one.wait_for(lambda: len(one.jobs()) == 3 and one.jobs("pending"))
    running = checkers(one.folder)
    assert running
    name, value = processes.mark("test")
    assert all(each.environ()[name] == value for each in running)
    os.kill(child.pid, signal.SIGKILL)
    one.wait_for(lambda: all(map(ended, running)))
    (one.folder / "wait").unlink()
    one.run()
    assert points(one) == points(undisturbed)


def test_a_killed_check_is_started_again(experiment: Any) -> None:
    undisturbed = experiment(CODE, "undisturbed", **SETTINGS)
    undisturbed.run()

    one = experiment(CODE, **SETTINGS)
    (one.folder / "wait").touch()
    child = one.start()
    one.wait_for(lambda: len(one.jobs()) == 3 and one.jobs("pending"))
    (process,) = checkers(one.folder)
    process.kill()
    one.wait_for(lambda: ended(process))
    (one.folder / "wait").unlink()
    text = one.finish(child)
    assert points(one) == points(undisturbed)
    assert "unchecked" not in text
    numbers = set((one.folder / "checks").read_text().split())
    assert len(numbers) == 2
