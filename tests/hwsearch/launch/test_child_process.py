"""Children: their exit status, and signals that are forwarded to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from hwsearch.launch.child_process import Forwarding, occupy_standard_streams

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
time.sleep(900)
"""


def run(code: str, **how: Any) -> int:
    with Forwarding() as signals:
        return signals.run([sys.executable, "-c", code], **how)


@pytest.mark.parametrize(
    ("code", "status"),
    [("", 0), ("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)],
)
def test_exit_status(code: str, status: int) -> None:
    assert run(code) == status


def test_a_time_limit_stops_it_as_ctrl_c_would() -> None:
    code = "import time\ntry: time.sleep(900)\nexcept KeyboardInterrupt: raise SystemExit(5)"
    assert run(code, stop_after_s=1.0) == 0


def test_discarded_output(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("print('x')", quiet=True) == 0
    assert capfd.readouterr().out == ""


def test_a_file_descriptor_that_the_child_inherits() -> None:
    reading, writing = os.pipe()
    assert run(f"import os; os.write({writing}, b'x')", keep_open=[writing]) == 0
    assert os.read(reading, 1) == b"x"
    os.close(reading)
    os.close(writing)


def test_the_callers_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGTERM)
    run("")
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_signal_that_arrives_before_the_child_reaches_it() -> None:
    with Forwarding() as signals:
        signal.raise_signal(signal.SIGTERM)
        assert signals.pending == [signal.SIGTERM]
        assert signals.run([sys.executable, "-c", "import time; time.sleep(900)"]) == 143
        assert signals.pending == []


def test_a_child_is_stopped_by_another_thread(tmp_path: Path) -> None:
    with Forwarding() as signals:
        read, write = os.pipe()

        def stop() -> None:
            os.read(read, 1)
            signals.stop()

        threading.Thread(target=stop).start()
        code = "import os, time; os.write(1, b'x'); time.sleep(600)"
        assert signals.run([sys.executable, "-c", code], stdout=write) == 143
    os.close(read)
    os.close(write)


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with Forwarding() as signals:
            signal.raise_signal(signal.SIGHUP)
            assert signals.pending == []
    finally:
        signal.signal(signal.SIGHUP, before)


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
        "import sys; from hwsearch.launch.child_process import Forwarding\n"
        "with Forwarding() as signals:\n"
        "    sys.exit(signals.run([sys.executable, '-c', *sys.argv[1:]]))"
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
        assert parent.wait(240) == 7
    finally:
        parent.kill()
        parent.wait()
    assert (tmp_path / "ready.got").read_text().split() == [str(int(received))]


def test_closed_standard_streams_are_opened_again() -> None:
    code = (
        "import os; from hwsearch.launch.child_process import occupy_standard_streams\n"
        "occupy_standard_streams()\n"
        "[os.fstat(number) for number in (0, 1, 2)]"
    )
    command = ["bash", "-c", '"$@" <&- >&- 2>&-', "-", sys.executable, "-c", code]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def test_open_standard_streams_are_left_alone() -> None:
    before = [os.fstat(number) for number in (0, 1, 2)]
    occupy_standard_streams()
    after = [os.fstat(number) for number in (0, 1, 2)]
    assert all(map(os.path.samestat, before, after))


def test_the_environment_of_a_child() -> None:
    code = "import os, sys; sys.exit(int(os.environ['NUMBER']))"
    with Forwarding() as signals:
        assert signals.run([sys.executable, "-c", code], environ={**os.environ, "NUMBER": "7"}) == 7
