"""The fork server's functions; test_local.py has the process as a whole."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from spearmint.schedulers import fork_server
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import CANNOT_BEGIN

ROOT = Path(__file__).parents[3]


def answer(code: str) -> str:
    """What a new process with one thread prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"from spearmint.schedulers import fork_server\n{code}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout.strip()


def test_preload_reports_modules_that_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "fork_server_exits.py").write_text("raise SystemExit('a\\nb')\n")
    failed = fork_server.preload(["json", "no_such_module_at_all", "fork_server_exits"])
    assert failed == {
        "no_such_module_at_all": "ModuleNotFoundError: No module named 'no_such_module_at_all'",
        "fork_server_exits": "SystemExit: a b",
    }


def test_a_process_with_one_thread_can_fork() -> None:
    assert answer("print(fork_server.can_fork())") == "True"


def test_a_process_with_two_threads_cannot_fork() -> None:
    code = "import threading; e = threading.Event()\n"
    code += "threading.Thread(target=e.wait, daemon=True).start(); print(fork_server.can_fork())"
    assert answer(code) == "False"


def test_other_systems_do_not_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not fork_server.can_fork()


def test_workers_get_random_numbers_of_their_own() -> None:
    code = (
        "import random, numpy as np\n"
        "numbers = lambda: (random.random(), np.random.random())\n"
        "random.seed(1); np.random.seed(1); before = numbers()\n"
        "random.seed(1); np.random.seed(1); fork_server._reseed(); after = numbers()\n"
        "print(before[0] != after[0], before[1] != after[1])"
    )
    assert answer(code) == "True True"


def test_failed_fork_leaves_no_signal_blocked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail() -> int:
        raise BlockingIOError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(fork_server, "can_fork", lambda: True)
    monkeypatch.setattr(os, "fork", fail)
    ours, theirs = socket.socketpair()
    spec = JobSpec(1, "e", str(tmp_path), "output", "f.py", ["main"], "a", "s", 60.0)
    with ours, theirs:
        fork_server.ForkServer(theirs)._start("first", spec)
        message = json.loads(ours.recv(4096))
    line = "cannot start a process: no more processes"
    assert message == {"ended": "first", "status": CANNOT_BEGIN, "output": line}
    assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
