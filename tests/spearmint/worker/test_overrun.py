"""A job that has exceeded a limit, in a real database, with a real process as its worker."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from spearmint.database import connect
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.overrun import end

REASON = "ended: it took longer than job-timeout, 1 s"


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "900"], start_new_session=True) as child:
        yield child
        child.kill()


@pytest.fixture
def spec(tmp_path: Path) -> JobSpec:
    """A claimed job with two tasks."""
    address = f"sqlite:{tmp_path / 'jobs.sqlite'}"
    with connect(address, "spearmint") as store:
        store.add_job("e", {"params": {}})
        store.claim("e", 1, "worker", 60.0)
    return JobSpec(1, "e", str(tmp_path), "out", "f.py", ["f", "c"], address, "spearmint", 60.0)


def test_the_result_says_which_limit_was_exceeded_and_the_worker_is_killed(
    spec: JobSpec, worker: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    end(spec, worker.pid, 1, "job-timeout", REASON)
    with connect(spec.address, spec.database) as store:
        job = store.job("e", 1)
    assert job is not None
    assert (job["status"], job["limit"], job["reason"]) == ("complete", "job-timeout", REASON)
    assert set(job["values"]) == {"f", "c"}
    assert all(math.isnan(value) for value in job["values"].values())
    assert worker.wait() == -9
    assert capsys.readouterr().out == f"{REASON}\n"


def test_the_result_of_another_attempt_is_not_changed(
    spec: JobSpec, worker: subprocess.Popen[bytes]
) -> None:
    with connect(spec.address, spec.database) as store:
        before = store.job("e", 1)
        end(spec, worker.pid, 2, "job-timeout", REASON)
        assert store.job("e", 1) == before
    assert worker.wait() == -9


def test_the_worker_is_killed_although_the_database_fails(
    spec: JobSpec, worker: subprocess.Popen[bytes]
) -> None:
    Path(spec.address.removeprefix("sqlite:")).write_bytes(b"this is no database" * 100)
    with pytest.raises(Exception, match=r"jobs\.sqlite"):
        end(spec, worker.pid, 1, "job-timeout", REASON)
    assert worker.wait() == -9
