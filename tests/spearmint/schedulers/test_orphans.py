from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

CODE = """
import os, signal, subprocess, sys, time
from spearmint.schedulers.orphans import Orphans
from spearmint.worker import limits
from spearmint.worker.descendants import children
from spearmint.worker.job_spec import JobSpec

SLEEP = [sys.executable, "-c", "import time; time.sleep(900)"]
ours = subprocess.Popen(SLEEP)
orphans = Orphans()
begun, begin = os.pipe()


def worker(body):
    pid = os.fork()
    if pid == 0:
        os.setsid()
        body()
        os._exit(0)
    return pid


def watched():
    spec = JobSpec(1, "e", ".", "output", "f.py", ["main"], "sqlite:x", "s", 60.0, timeout_s=600)
    watcher = limits.Watcher.start(spec)
    os.write(begin, b"x")
    time.sleep(900)


alive = worker(watched)
os.read(begun, 1)
(watcher,) = children() - {ours.pid, alive}
dead = worker(lambda: subprocess.Popen(SLEEP, start_new_session=True))
os.waitid(os.P_PID, dead, os.WEXITED | os.WNOWAIT)
(left,) = children() - {ours.pid, alive, dead, watcher}
while left in children():
    orphans.end([alive, dead])
    time.sleep(0.01)
print(sorted(children()) == sorted([ours.pid, alive, dead, watcher]), ours.poll())
os.kill(alive, signal.SIGKILL)
while watcher in children():  # it ends by itself, and is reaped
    orphans.end([alive, dead])
    time.sleep(0.01)
ours.kill()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_what_a_dead_worker_has_left_is_ended_and_watchers_are_not() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "True None\n"
