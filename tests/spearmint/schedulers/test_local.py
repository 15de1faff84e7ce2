from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint.database import Database, connect
from spearmint.errors import UserError
from spearmint.schedulers import Ended, Scheduler
from spearmint.schedulers.environment import environment
from spearmint.schedulers.local import LocalScheduler
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import NOT_MINE

PARAMS = {"x": {"type": "float", "values": [0.25]}}


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[LocalScheduler]:
    found = LocalScheduler([], environment(None), tmp_path)
    yield found
    found.stop(0.1)
    found.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with connect(f"sqlite:{tmp_path}/jobs.sqlite") as found:
        yield found


def spec(store: Database, folder: Path, code: str) -> JobSpec:
    """A new job whose objective is this code."""
    (folder / "objective.py").write_text(f"import os, sys, time\ndef main(i, p):\n    {code}\n")
    return JobSpec(
        job_id=store.add_job("e", {"params": PARAMS}),
        experiment="e",
        folder=str(folder),
        output_subdir="output",
        main_file="objective.py",
        tasks=["main"],
        address=f"sqlite:{folder}/jobs.sqlite",
        database="spearmint",
        lease_s=60.0,
    )


def end_of(scheduler: Scheduler, proc_id: str, timeout: float = 60) -> Ended:
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        for ended in scheduler.poll():
            assert ended.proc_id == proc_id
            return ended
        select.select(scheduler.sources(), [], [], 0.1)
    raise AssertionError("it does not end")


def pid_of(store: Database, job_id: int) -> int:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        job = store.job("e", job_id) or {}
        if "proc_id" in job:
            return int(job["proc_id"])
        time.sleep(0.02)
    raise AssertionError("it does not start")


def group_exists(number: int) -> bool:
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_runs_a_job(scheduler: LocalScheduler, store: Database, tmp_path: Path) -> None:
    told = spec(store, tmp_path, "return p['x'] * 2")
    name = scheduler.submit(told)
    assert scheduler.alive(name)
    assert end_of(scheduler, name) == Ended(name, "exit status 0")
    assert not scheduler.alive(name)
    job = store.job("e", told.job_id)
    assert job is not None
    assert job["values"] == {"main": 0.5}


def test_second_worker_of_a_job_finds_nothing_to_do(
    scheduler: LocalScheduler, store: Database, tmp_path: Path
) -> None:
    told = spec(store, tmp_path, "return 1")
    end_of(scheduler, scheduler.submit(told))
    name = scheduler.submit(told)
    assert end_of(scheduler, name) == Ended(name, f"exit status {NOT_MINE}", excused=True)


def test_stop_ends_a_job_and_its_children(
    scheduler: LocalScheduler, store: Database, tmp_path: Path
) -> None:
    code = "import subprocess; subprocess.Popen(['sleep', '600']); time.sleep(600)"
    told = spec(store, tmp_path, code)
    name = scheduler.submit(told)
    pid = pid_of(store, told.job_id)
    scheduler.stop(10.0)
    assert not scheduler.alive(name)
    end = time.monotonic() + 30
    while group_exists(pid):  # init may take its time to bury the killed
        assert time.monotonic() < end
        time.sleep(0.02)
    job: Any = store.job("e", told.job_id)
    assert (job["status"], job["reason"]) == ("new", "stopped by SIGTERM")


def test_stop_reaches_the_children_of_a_worker_whose_nursery_died(
    scheduler: LocalScheduler, store: Database, tmp_path: Path
) -> None:
    code = "import subprocess; subprocess.Popen(['sleep', '600']); time.sleep(600)"
    told = spec(store, tmp_path, code)
    scheduler.submit(told)
    pid = pid_of(store, told.job_id)
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    os.kill(int(fields[1]), signal.SIGKILL)
    scheduler.stop(10.0)
    end = time.monotonic() + 30
    while group_exists(pid):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_stop_kills_what_does_not_listen(
    scheduler: LocalScheduler, store: Database, tmp_path: Path
) -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    told = spec(store, tmp_path, code)
    name = scheduler.submit(told)
    pid_of(store, told.job_id)
    scheduler.stop(0.3)
    assert not scheduler.alive(name)
    job: Any = store.job("e", told.job_id)
    assert job["status"] == "pending", "what becomes of it is the controller's to say"


def test_stop_before_the_nursery_is_ready(
    scheduler: LocalScheduler, store: Database, tmp_path: Path
) -> None:
    told = spec(store, tmp_path, "time.sleep(600)")
    name = scheduler.submit(told)
    scheduler.stop(5.0)
    assert not scheduler.alive(name)


def test_workers_outlive_a_killed_nursery(
    scheduler: LocalScheduler, store: Database, tmp_path: Path
) -> None:
    told = spec(store, tmp_path, "time.sleep(1); return os.getppid()")
    name = scheduler.submit(told)
    nursery = Path(f"/proc/{pid_of(store, told.job_id)}/stat").read_text().rpartition(")")[2]
    os.kill(int(nursery.split()[1]), signal.SIGKILL)
    assert end_of(scheduler, name).proc_id == name
    job: Any = store.job("e", told.job_id)
    assert job["status"] == "complete"
    assert "starting another one" in scheduler.notices()[0]
    again = spec(store, tmp_path, "return 2")
    end_of(scheduler, scheduler.submit(again))
    job = store.job("e", again.job_id)
    assert job["values"] == {"main": 2.0}


def test_preload_that_ends_its_process_is_named(store: Database, tmp_path: Path) -> None:
    (tmp_path / "fatal.py").write_text("import os; print('bad luck', flush=True); os._exit(5)\n")
    variables = environment(None)
    variables["PYTHONPATH"] += f":{tmp_path}"
    scheduler = LocalScheduler(["fatal"], variables, tmp_path)
    name = scheduler.submit(spec(store, tmp_path, "return 1"))
    with pytest.raises(UserError, match="imports fatal ended: exit status 5: bad luck"):
        end_of(scheduler, name)
    scheduler.close()


def test_environment_file(tmp_path: Path) -> None:
    file = tmp_path / "the 'env"
    file.write_text("PLAIN='a b'\nexport SHOWN=$PLAIN-c\nPYTHONPATH=rel\necho noise\n")
    found = environment(file)
    assert (found["PLAIN"], found["SHOWN"]) == ("a b", "a b-c")
    root, rel = found["PYTHONPATH"].split(":")
    assert (Path(root) / "spearmint").is_dir()
    assert Path(rel).is_absolute()
    file.write_text("echo broken >&2\nreturn 3\n")
    with pytest.raises(UserError, match="ends with status 3: broken"):
        environment(file)
