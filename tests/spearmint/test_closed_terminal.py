"""A terminal that is closed while a search runs: the system sends SIGHUP, and writing fails."""

from __future__ import annotations

import os
import pty
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.spearmint.objectives import WAITING

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("ignored", [False, True], ids=["SIGHUP", "SIGHUP ignored"])
def test_the_search_stops_in_order_or_goes_on(experiment: Any, ignored: bool) -> None:
    one = experiment(WAITING)
    command = [sys.executable, str(ROOT / "spearmint" / "main.py"), str(one.folder)]
    pid, terminal = pty.fork()
    if pid == 0:
        if ignored:  # as nohup does
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.execv(sys.executable, command)
    one.wait_for((one.folder / "began 1").exists)
    os.close(terminal)
    if ignored:
        (one.folder / "go").touch()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if ignored:
        assert status == 0
        assert [job["status"] for job in one.jobs()] == ["complete"] * 3
    else:
        assert status == 128 + signal.SIGHUP
        (job,) = one.jobs()
        assert (job["status"], job.get("lost", 0)) == ("new", 0)
