"""With real processes, because the kernel holds the lock."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.measuring.device_lock import DeviceBusyError, DeviceLock, runtime_dir
from hwsearch.meters.device import Device
from tests.forking import fork

ROOT = Path(__file__).parents[3]
GPU = Device("gpu", "A GPU", "GPU-1234")
OTHER = Device("gpu", "A GPU", "GPU-5678")
HOLD = """
import sys, time
from pathlib import Path
from hwsearch.meters.device import Device
from hwsearch.measuring.device_lock import DeviceLock
with DeviceLock(Device("gpu", "A GPU", "GPU-1234"), folder=Path(sys.argv[1])):
    if "child" in sys.argv:
        import subprocess
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(child.pid, flush=True)
    else:
        print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "with spaces é"
    path.mkdir()
    return path


def holder(folder, *arguments):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline().strip()
    process.stdout.close()
    return process, line


def test_one_at_a_time_and_the_error_names_the_holder(folder):
    process, _ = holder(folder)
    try:
        with pytest.raises(DeviceBusyError, match=rf"A GPU .* in use by process {process.pid} for"):
            DeviceLock(GPU, timeout_s=0.2, folder=folder).__enter__()
        with DeviceLock(OTHER, timeout_s=0.2, folder=folder):
            pass
    finally:
        process.kill()
        process.wait()


def test_a_killed_process_leaves_no_lock(folder):
    process, _ = holder(folder)
    process.kill()
    process.wait()
    with DeviceLock(GPU, timeout_s=5, folder=folder):
        pass


def test_a_child_process_does_not_keep_the_lock(folder):
    process, child = holder(folder, "child")
    process.kill()
    process.wait()
    try:
        with DeviceLock(GPU, timeout_s=5, folder=folder):
            pass
    finally:
        os.kill(int(child), 9)


def _sleep(ready, end):
    ready.set()
    end.wait(60)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_keep_the_lock(folder):
    context = multiprocessing.get_context("fork")
    ready, end = context.Event(), context.Event()
    with DeviceLock(GPU, folder=folder):
        child = context.Process(target=_sleep, args=(ready, end))
        child.start()
        assert ready.wait(60)
    try:
        with DeviceLock(GPU, timeout_s=0.5, folder=folder):
            assert child.is_alive()
    finally:
        end.set()
        child.join()


def test_a_forked_child_that_ends_does_not_free_the_lock(folder):
    with DeviceLock(GPU, folder=folder):
        if (child := fork()) == 0:
            os._exit(0)
        os.waitpid(child, 0)
        with pytest.raises(DeviceBusyError):
            DeviceLock(GPU, timeout_s=0.1, folder=folder).__enter__()


def test_an_exception_releases_it(folder):
    def fails():
        with DeviceLock(GPU, folder=folder):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with DeviceLock(GPU, timeout_s=0.1, folder=folder):
        pass


def test_a_long_wait_is_reported(folder, capsys, monkeypatch):
    monkeypatch.setattr("hwsearch.measuring.device_lock.REPORT_AFTER_S", 0.0)
    with DeviceLock(GPU, folder=folder), pytest.raises(DeviceBusyError):
        DeviceLock(GPU, timeout_s=0.2, folder=folder).__enter__()
    said = capsys.readouterr().err
    assert said == f"Waiting for A GPU (GPU-1234): process {os.getpid()} measures on it.\n"
    lines = []
    with DeviceLock(GPU, folder=folder), pytest.raises(DeviceBusyError):
        DeviceLock(GPU, timeout_s=0.2, folder=folder, say=lines.append).__enter__()
    assert lines == said.splitlines()
    assert capsys.readouterr().err == ""


def work(folder, log):
    for _ in range(5):
        with DeviceLock(GPU, folder=folder):
            with log.open("a") as file:
                file.write(f"in {os.getpid()}\n")
            time.sleep(0.01)
            with log.open("a") as file:
                file.write(f"out {os.getpid()}\n")


def test_processes_never_overlap(folder, tmp_path):
    log = tmp_path / "log"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=work, args=(folder, log)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    lines = log.read_text().split("\n")[:-1]
    assert len(lines) == 40
    for entry, end in zip(lines[::2], lines[1::2], strict=True):
        assert entry.replace("in", "out") == end


def test_the_runtime_folder_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert runtime_dir() == tmp_path / "hyperpower"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    own = runtime_dir()
    assert own.name == f"hyperpower-{os.getuid()}"
    assert own.stat().st_mode & 0o077 == 0
    if os.getuid() == 0:
        os.chown(own, 12345, 12345)
        with pytest.raises(UserError, match="belongs to another user"):
            runtime_dir()
