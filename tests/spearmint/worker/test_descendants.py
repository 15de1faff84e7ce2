"""Objectives that leave daemons behind: processes with sessions and parents of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from spearmint.worker import descendants
from tests.running import is_running

#: Starts a daemon, and writes its number into a file.
DAEMON = """
    import os, pathlib, signal, sys, time

    def daemon(name):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                    signal.signal(number, signal.SIG_IGN)
                os.closerange(0, 4096)
                pathlib.Path(name + ".new").write_text(str(os.getpid()))
                os.rename(name + ".new", name)
                time.sleep(900)
            os._exit(0)
        os.wait()
        while not os.path.exists(name):
            time.sleep(0.01)

    def main(job_id, params):
        daemon(f"{job_id}-{time.monotonic_ns()}.pid")
"""
ENDS = {
    "a result": ("return 1.0", "complete"),
    "an exception": ("raise ValueError('no')", "broken"),
    "SIGKILL": ("os.kill(os.getpid(), signal.SIGKILL)", "broken"),
    "an end of its process": ("os._exit(3)", "broken"),
    "a time limit": ("time.sleep(900)", "complete"),
}


def daemons(folder: Path) -> list[Path]:
    return [Path("/proc", path.read_text()) for path in folder.glob("*.pid")]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
@pytest.mark.parametrize("end", ENDS)
def test_daemons_end_with_their_job(end: str, experiment: Any) -> None:
    body, status = ENDS[end]
    limit = {"job_timeout": 2} if end == "a time limit" else {}
    one = experiment(f"{DAEMON}        {body}\n", max_finished_jobs=1, **limit)
    child = one.start()
    child.communicate(timeout=240)
    (job,) = one.jobs()
    assert job["status"] == status
    found = daemons(one.folder)
    assert len(found) == job["attempt"]
    one.wait_for(lambda: not any(path.exists() for path in found))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_daemons_of_other_jobs_are_left_alone(experiment: Any) -> None:
    one = experiment(
        f"""{DAEMON}
        if job_id == 1:
            while not os.path.exists("2-ended"):
                time.sleep(0.02)
            (path,) = pathlib.Path().glob("1-*.pid")
            return float(os.path.exists("/proc/" + path.read_text()))
        if job_id == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        pathlib.Path("2-ended").touch()
        return 2.0
        """,
        max_concurrent=2,
        job_timeout=600,
    )
    one.run()
    first, second, third = one.jobs()
    assert (first["values"], first["attempt"]) == ({"main": 1.0}, 1)
    assert second["attempt"] == 3
    assert third["values"] == {"main": 2.0}


def test_children_of_this_process() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.pid in descendants.children()
    child.communicate()
    assert child.pid not in descendants.children()


def test_what_began_before_the_block_stays() -> None:
    code = "import time; print(1, flush=True); time.sleep(900)"
    command = [sys.executable, "-c", code]
    earlier = subprocess.Popen(command)
    with descendants.Descendants():
        later = subprocess.Popen(command, start_new_session=True)
    assert later.wait() == -signal.SIGKILL
    assert earlier.poll() is None
    descendants.kill_tree(earlier.pid)
    assert earlier.wait() == -signal.SIGKILL


def test_a_tree_is_killed_with_its_root() -> None:
    code = (
        "import subprocess, sys; child = subprocess.Popen(['sleep', '900'], "
        "start_new_session=True); print(child.pid, flush=True); child.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as root:
        assert root.stdout is not None
        pid = int(root.stdout.readline())
        descendants.kill_tree(root.pid)
        assert root.wait() == -signal.SIGKILL
    end = time.monotonic() + 240
    while is_running(pid):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_adoption_is_undone() -> None:
    before = descendants.adopt(False)
    try:
        assert not descendants.adopt()
        assert descendants.adopt(False) is (sys.platform == "linux")
    finally:
        descendants.adopt(before)
