"""Real processes: a worker that is a shell, with children, one of which it no longer knows."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from spearmint.worker.job_processes import JobProcesses
from tests.running import is_running
from tests.spearmint.conftest import PATIENCE_S

#: Starts a child, and a process whose parent ends at once; prints the numbers of both.
SCRIPT = "sleep 900 & echo $!; (sleep 901 & echo $!); echo ready; wait"


class Worker:
    """The shell; `child` is its child, `orphan` is only in its session."""

    def __init__(self, own_session: bool) -> None:
        self.shell = subprocess.Popen(
            ["sh", "-c", SCRIPT], stdout=subprocess.PIPE, start_new_session=own_session
        )
        assert self.shell.stdout is not None
        self.child = int(self.shell.stdout.readline())
        self.orphan = int(self.shell.stdout.readline())
        self.number = self.shell.pid
        assert self.shell.stdout.readline() == b"ready\n"

    def end(self) -> None:
        for number in (self.child, self.orphan, self.number):
            if is_running(number):
                psutil.Process(number).kill()
        self.shell.communicate()


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end, "the condition was not met"
        time.sleep(0.01)


@pytest.fixture
def worker() -> Iterator[Callable[..., Worker]]:
    made: list[Worker] = []

    def make(own_session: bool = True) -> Worker:
        made.append(Worker(own_session))
        return made[-1]

    yield make
    for one in made:
        one.end()


def test_a_process_that_lost_its_parent_belongs_to_the_job_by_its_session(worker: Any) -> None:
    one = worker()
    everything = {one.number, one.child, one.orphan}
    assert JobProcesses(one.number).numbers() == everything
    assert JobProcesses(one.number, {one.child}).numbers() == everything - {one.child}


def test_a_worker_in_the_session_of_others_has_only_its_descendants(worker: Any) -> None:
    one = worker(own_session=False)
    assert JobProcesses(one.number).numbers() == {one.number, one.child}


def test_shared_memory_counts_once_above_what_is_enough(worker: Any) -> None:
    job = JobProcesses(worker().number)
    most, least = job.memory(2**60), job.memory(0)
    assert 0 < least < most


def test_all_processes_are_halted_and_then_killed(worker: Any) -> None:
    one = worker()
    job = JobProcesses(one.number)
    job.halt()
    numbers = (one.number, one.child, one.orphan)
    wait_for(lambda: all(psutil.Process(n).status() == psutil.STATUS_STOPPED for n in numbers))
    job.kill()
    wait_for(lambda: not any(map(is_running, numbers)))


def test_the_worker_outlives_the_others_if_only_they_are_killed(worker: Any) -> None:
    one = worker()
    one.shell.send_signal(signal.SIGSTOP)  # else it ends with its child
    JobProcesses(one.number).kill_others()
    wait_for(lambda: not (is_running(one.child) or is_running(one.orphan)))
    assert is_running(one.number)


def test_a_worker_that_has_ended() -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    job = JobProcesses(ended.pid)
    assert job.numbers() == {ended.pid}
    assert job.memory(0) == 0
