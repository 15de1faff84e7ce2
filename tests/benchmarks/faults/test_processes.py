from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from benchmarks.faults import processes

SLEEP = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that carries a mark and leads a session of its own."""
    environ = {**os.environ, processes.MARK: "test-mark"}
    with subprocess.Popen(
        SLEEP, env=environ, start_new_session=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # while a process is being replaced, its environment is empty
        yield process
        process.kill()


def test_a_marked_process_is_found_and_killed(sleeper: subprocess.Popen[bytes]) -> None:
    assert processes.marked("test-mark") == [sleeper.pid]
    assert processes.marked("test") == []
    assert processes.is_running(sleeper.pid)
    (name,) = processes.left_behind("test-mark", 0.0)
    assert name.startswith(f"{sleeper.pid}: ")
    assert sleeper.wait(60) == -9
    assert processes.left_behind("test-mark", 0.0) == []


def test_a_zombie_does_not_run(sleeper: subprocess.Popen[bytes]) -> None:
    processes.kill(sleeper.pid)
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert not processes.is_running(sleeper.pid)
    assert processes.of_role(sleeper.pid, processes.CONTROLLER) == []


def test_a_process_that_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert not processes.is_running(process.pid)
    assert processes.command(process.pid) == ""
    assert processes.cpu_s(process.pid) == 0.0
    processes.kill(process.pid)
    assert processes.of_role(process.pid, processes.WORKER) == []


def test_processor_time_is_that_of_the_process() -> None:
    before = processes.cpu_s(os.getpid())
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    assert processes.cpu_s(os.getpid()) >= before + 0.05
