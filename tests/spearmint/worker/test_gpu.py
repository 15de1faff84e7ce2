"""GPUs of workers: real processes and locks, no GPU."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spearmint.errors import UserError
from spearmint.worker import gpu as gpu_module
from spearmint.worker.gpu import VARIABLE, Gpu

ROOT = Path(__file__).resolve().parents[3]
CODE = """
import os, sys
from spearmint.worker.gpu import Gpu
with Gpu(sys.argv[2:], int(sys.argv[1])):
    print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
    sys.stdin.read()
"""
Worker = subprocess.Popen[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the locks are, in a folder of the test's own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv(VARIABLE, "unchanged")
    return tmp_path / f"spearmint-gpus-{os.getuid()}"


@pytest.fixture
def start() -> Iterator[Callable[..., Worker]]:
    """Starts a process that keeps a GPU until it is killed or its input ends."""
    started: list[Worker] = []

    def begin(jobs_per_gpu: int, *gpus: str) -> Worker:
        command = [sys.executable, "-c", CODE, str(jobs_per_gpu), *gpus]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT))
        return started[-1]

    yield begin
    for one in started:
        one.kill()
        one.communicate()


def gpu_of(worker: Worker) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


def test_each_worker_has_a_gpu_of_its_own(start: Callable[..., Worker]) -> None:
    workers = [start(1, "GPU-a", "GPU-b") for _ in range(2)]
    assert sorted(map(gpu_of, workers)) == ["GPU-a", "GPU-b"]


def test_a_worker_waits_for_the_gpu_of_one_that_is_killed(
    start: Callable[..., Worker],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = (start(1, "GPU-a", "GPU-b") for _ in range(2))
    freed = gpu_of(first)
    other = gpu_of(second)
    monkeypatch.setattr(gpu_module, "REPORT_AFTER_S", 0.0)
    slept: list[float] = []

    def kill_first(seconds: float) -> None:
        slept.append(seconds)
        first.kill()
        first.wait()

    monkeypatch.setattr("spearmint.worker.gpu.time.sleep", kill_first)
    with Gpu(("GPU-a", "GPU-b"), 1) as taken:
        assert taken == os.environ[VARIABLE] == freed != other
    assert len(slept) == 1
    assert "waiting for a GPU: GPU-a, GPU-b are in use" in capsys.readouterr().out


def test_gpus_are_shared_once_all_are_used(start: Callable[..., Worker]) -> None:
    workers = [start(2, "GPU-a", "GPU-b") for _ in range(3)]
    assert sorted(Counter(map(gpu_of, workers)).values()) == [1, 2]


def test_a_gpu_is_free_after_the_job(folder: Path) -> None:
    for _ in range(2):
        with Gpu(("GPU-a",), 1) as taken:
            assert taken == "GPU-a"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_without_gpus_nothing_changes(folder: Path) -> None:
    with Gpu((), 1) as taken:
        assert taken is None
        assert os.environ[VARIABLE] == "unchanged"
    assert not folder.exists()


def test_locks_of_another_user_are_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    other = os.getuid() + 1
    monkeypatch.setattr("os.getuid", lambda: other)
    folder.rename(folder.with_name(f"spearmint-gpus-{os.getuid()}"))
    with pytest.raises(UserError, match="belongs to another user; set TMPDIR"), Gpu(("0",), 1):
        pass


def test_an_objective_may_close_all_descriptors(tmp_path: Path) -> None:
    code = (
        "import os\nfrom spearmint.worker.gpu import Gpu\n"
        "with Gpu(('GPU-a',), 1):\n    os.closerange(3, 4096)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
