from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

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


@pytest.fixture
def marked() -> Iterator[subprocess.Popen[str]]:
    """A leader of a group, with the mark of an experiment, and a child that outlives it."""
    name, value = processes.mark("mine")
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\nsys.stdin.read()\n"
    )
    leader = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, name: value},
    )
    yield leader
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
    leader.wait()
    for stream in (leader.stdin, leader.stdout):
        if stream is not None:
            stream.close()


@pytest.mark.parametrize("leader_ends", [False, True])
def test_group_is_killed_only_if_it_carries_the_mark(
    marked: subprocess.Popen[str], leader_ends: bool
) -> None:
    assert marked.stdout is not None
    assert marked.stdin is not None
    child = processes.identity(int(marked.stdout.readline()))
    name = processes.identity(marked.pid)
    assert name is not None
    if leader_ends:
        marked.stdin.close()
        marked.wait()
    processes.terminate(name, "another")
    processes.kill_group(name, "another")
    assert processes.is_alive(child)
    processes.kill_group(name, "mine")
    end = time.monotonic() + 240
    while processes.is_alive(child):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_several_processes_are_ended_with_their_groups(
    marked: subprocess.Popen[str], sleeper: subprocess.Popen[bytes]
) -> None:
    assert marked.stdout is not None
    child = processes.identity(int(marked.stdout.readline()))
    names = [str(processes.identity(pid)) for pid in (marked.pid, sleeper.pid)]
    processes.end(names, "mine", 0.1)
    marked.wait()
    end = time.monotonic() + 240
    while processes.is_alive(child):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert processes.is_alive(names[1]), "it does not belong to the experiment"


def test_numbers_that_mean_other_groups_are_never_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(os, "kill", refuse)
    monkeypatch.setattr(os, "killpg", refuse)
    own = processes.identity(os.getpgrp()) or f"{processes.host()}:{os.getpgrp()}:1"
    init = processes.identity(1) or f"{processes.host()}:1:1"
    odd = [f"{processes.host()}:{pid}:1" for pid in (0, 1, -1, "\u00b2", "9" * 30, "")]
    for name in [own, init, *odd]:
        processes.terminate(name)
        processes.kill_group(name)


def test_processes_after_a_restart_of_their_machine_have_ended() -> None:
    name, boot, space = processes.host().split("/")
    assert processes.has_ended(f"{name}/{boot}x/{space}:1:1")
    assert processes.has_ended(f"{processes.host()}:999999999:1")
    for other in (processes.identity(), f"elsewhere/{boot}x/{space}:1:1", None, "", 3):
        assert not processes.has_ended(other)
