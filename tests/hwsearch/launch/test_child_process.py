"""Children: their exit status, signals handed on, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hwsearch.launch import child_process

ROOT = Path(__file__).resolve().parents[3]
WAITS = """
import pathlib, signal, sys, time
def stop(number, frame):
    with open(sys.argv[1] + ".got", "a") as file:
        file.write(f"{number}\\n")
    sys.exit(7)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, stop)
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("code", "status"),
    [("", 0), ("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)],
)
def test_exit_status(code: str, status: int) -> None:
    assert child_process.run([sys.executable, "-c", code]) == status


def test_a_time_limit_ends_it_as_ctrl_c_would() -> None:
    code = "import time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: raise SystemExit(5)"
    assert child_process.run([sys.executable, "-c", code], stop_after_s=1.0) == 0


def test_the_callers_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    child_process.run([sys.executable, "-c", ""])
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("to_group", [False, True])
@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (signal.SIGINT, signal.SIGINT),
        (signal.SIGTERM, signal.SIGTERM),
        (signal.SIGHUP, signal.SIGTERM),
    ],
)
def test_a_signal_reaches_the_child_once(
    tmp_path: Path, sent: signal.Signals, received: signal.Signals, to_group: bool
) -> None:
    ready = tmp_path / "ready"
    code = (
        "import sys; from hwsearch.launch import child_process\n"
        "sys.exit(child_process.run([sys.executable, '-c', *sys.argv[1:]]))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, WAITS, str(ready)], cwd=ROOT, process_group=0
    )
    try:
        while not ready.exists():
            assert parent.poll() is None
            time.sleep(0.02)
        # A terminal's Ctrl-C goes to the group, a `kill` to the process alone.
        (os.killpg if to_group else os.kill)(parent.pid, sent)
        assert parent.wait(30) == 7
    finally:
        parent.kill()
        parent.wait()
    assert (tmp_path / "ready.got").read_text().split() == [str(int(received))]
