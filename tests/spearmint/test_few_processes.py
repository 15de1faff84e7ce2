"""A system that allows no more processes or threads (`ulimit -u`): no job is to blame for that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Runs a command that may have N processes and threads. The limit holds for a user without the
#: capabilities of root; this one keeps only root's access to files.
LIMITED = """
import ctypes, os, resource, sys
CAPBSET_DROP, SYS_ADMIN, SYS_RESOURCE = 24, 21, 24
if os.geteuid() == 0:
    for capability in (SYS_ADMIN, SYS_RESOURCE):
        assert ctypes.CDLL(None).prctl(CAPBSET_DROP, capability, 0, 0, 0) == 0
    os.setresuid(int(sys.argv[1]), 0, 0)
number = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NPROC, (number, number))
os.execvp(sys.argv[3], sys.argv[3:])
"""
FAILS = "Resource temporarily unavailable"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count processes differently")
@pytest.mark.parametrize(
    ("number", "changes", "why"),
    [
        (1, {}, f"cannot start a process: {FAILS}"),
        (3, {}, "cannot begin: can't start new thread"),
        (4, {"job_timeout": 600}, FAILS),
        (5, {"job_timeout": 600}, "cannot begin: no process for the limits of the job"),
    ],
)
def test_the_job_is_put_back(
    experiment: Any, number: int, changes: dict[str, Any], why: str
) -> None:
    if number > 1 and os.geteuid() != 0:
        pytest.skip("the number of processes of this user is unknown; root can take another one")
    one = experiment(**changes)
    user = 60_000 + os.getpid() % 5000  # who has no other processes
    command = [sys.executable, "-c", LIMITED, str(user), str(number)]
    command += [sys.executable, str(ROOT / "spearmint" / "main.py"), str(one.folder)]
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Where OpenBLAS cannot start its threads, it ends its process as Ctrl-C does.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    one.started.append(child)
    text = one.read_until(child, "could not begin")
    assert text.splitlines()[-1].startswith("retrying job 1, which could not begin: its process ")
    assert why in text.splitlines()[-1]
    child.terminate()
    one.finish(child, 143)
    (job,) = one.jobs()
    assert (job["status"], job.get("lost", 0)) == ("new", 0)
