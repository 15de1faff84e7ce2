"""The guard as a file, as an actor starts it; it needs no Ray."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from spearmint.schedulers.ray import guard

PATIENCE_S = 240.0
#: Writes its number down, and runs until it is ended.
RUNS = "echo $$ >began; exec sleep 600"
#: The same, but SIGTERM does not end it.
STUBBORN = "trap '' TERM; echo $$ >began; while :; do sleep 0.1; done"


@pytest.fixture
def start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a guard with a script; what it leaves is ended."""
    monkeypatch.chdir(tmp_path)
    made: list[subprocess.Popen[str]] = []

    def started(script: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        made.append(process)
        send(process, script=f"cd {tmp_path}\n{script}\n")
        return process

    yield started
    for process in made:
        for stream in (process.stdin, process.stdout):
            stream.close()
        process.wait(PATIENCE_S)
    with suppress(OSError, ValueError):
        os.killpg(int(Path("began").read_text()), signal.SIGKILL)


def send(process: subprocess.Popen[str], **message: Any) -> None:
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def job() -> psutil.Process:
    """The process of the script."""
    end = time.monotonic() + PATIENCE_S
    while not (Path("began").exists() and Path("began").read_text().strip()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return psutil.Process(int(Path("began").read_text()))


def wait_until_gone(process: psutil.Process) -> None:
    end = time.monotonic() + PATIENCE_S
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_says_how_a_job_ended(start: Any) -> None:
    assert answer(start("exit 7")) == {"status": 7, "output": "", "told": False}
    assert answer(start("kill -9 $$"))["status"] == -signal.SIGKILL


def test_last_line_of_the_error_output(start: Any) -> None:
    script = "echo one >&2; cd /nosuch/folder || exit 1"
    found = answer(start(script))
    assert found["status"] == 1
    assert "/nosuch/folder" in found["output"]


def test_is_nobodys_child(start: Any) -> None:
    process = start(RUNS)
    running = job()
    assert process.wait(PATIENCE_S) == 0
    assert running.parent().pid != process.pid
    send(process, grace_s=60)
    assert answer(process) == {"status": -signal.SIGTERM, "output": "", "told": False}


def test_a_job_that_does_not_end_is_killed_after_the_grace_period(start: Any) -> None:
    process = start(STUBBORN)
    job()
    send(process, grace_s=0.2)
    assert answer(process)["status"] == -signal.SIGKILL


def test_children_end_with_the_job(start: Any) -> None:
    process = start("sleep 600 & echo $! >child; " + RUNS)
    job()
    child = psutil.Process(int(Path("child").read_text()))
    send(process, grace_s=60)
    answer(process)
    wait_until_gone(child)


def test_a_job_is_asked_to_end_when_its_actor_is_gone(start: Any) -> None:
    process = start(RUNS)
    running = job()
    process.stdin.close()
    assert answer(process)["status"] == -signal.SIGTERM
    wait_until_gone(running)


def test_sigterm_is_passed_on_and_told(start: Any) -> None:
    process = start(RUNS)
    parent = job().parent()
    parent.terminate()
    assert answer(process) == {"status": -signal.SIGTERM, "output": "", "told": True}


def test_ends_if_it_is_given_no_job() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", guard.__file__], stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0
