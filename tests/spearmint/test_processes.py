from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from spearmint import processes


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    code = "import time; time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    yield child
    child.kill()
    child.wait()


def test_this_process_is_alive() -> None:
    name = processes.identity()
    assert name is not None
    assert name == processes.identity(os.getpid())
    assert processes.is_alive(name) is True


def test_another_process_with_this_number_is_not_alive(
    sleeper: subprocess.Popen[bytes],
) -> None:
    name = processes.identity(sleeper.pid)
    assert name is not None
    host, pid, start = name.split(":")
    assert processes.is_alive(f"{host}:{pid}:{int(start) - 1}") is False
    processes.kill_group(f"{host}:{pid}:{int(start) - 1}")
    processes.terminate(f"{host}:{pid}:{int(start) - 1}")
    assert processes.is_alive(name) is True


def test_processes_of_other_machines_are_unknown() -> None:
    assert processes.is_alive("elsewhere/abc:1:1") is None
    for nonsense in (None, "", "a:b", 3, f"{processes.host()}:x:1"):
        assert processes.is_alive(nonsense) is None


def test_zombie_is_not_alive(sleeper: subprocess.Popen[bytes]) -> None:
    name = processes.identity(sleeper.pid)
    assert name is not None
    processes.kill_group(name)
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert processes.is_alive(name) is False
    assert processes.identity(sleeper.pid) is None


def test_halted_process_is_alive_and_stopped(sleeper: subprocess.Popen[bytes]) -> None:
    name = processes.identity(sleeper.pid)
    assert name is not None
    assert not processes.is_stopped(name)
    os.kill(sleeper.pid, signal.SIGSTOP)
    end = time.monotonic() + 240
    while not processes.is_stopped(name):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert processes.is_alive(name) is True
