"""A search that gener_experiment.py starts on a batch system, while the cluster is disturbed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from spearmint.database import connect
from tests.environment import unmeasured
from tests.servers.daemons import PATIENCE_S
from tests.small_template import TEMPLATE

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(900)]
ROOT = Path(__file__).resolve().parents[4]
#: Each of them imports Keras in a process of its own. `SLURM_JOBS=20 pytest ...` runs more.
JOBS = int(os.environ.get("SLURM_JOBS", "4"))
#: With so many values that no point is suggested twice.
WIDE = TEMPLATE.replace('"max": 40', '"max": 400')


class Search:
    """A search in a process of its own, and its jobs in the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "keras_model").mkdir(parents=True)
        (folder / "keras_model" / "network_def.py").write_text(WIDE, encoding="utf-8")
        flags = ["--optimize", "error", "--constraint", "training_time", "--constraint_val", "1h"]
        flags += ["--epochs", "1", "--max_finished_jobs", str(JOBS), "--max_concurrent", "3"]
        flags += ["--scheduler", "slurm", "--scheduler_args", "--comment=ours"]
        command = [sys.executable, str(ROOT / "gener_experiment.py"), "--experiment", str(folder)]
        self.process = subprocess.Popen(
            [*command, *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=unmeasured(),
        )

    def jobs(self) -> list[dict[str, Any]]:
        file = self.folder / "mongodb" / "spearmint.sqlite"
        if not file.exists():
            return []
        with connect(f"sqlite:{file}") as store:
            return [job for name in store.experiments() for job in store.jobs(name)]

    def wait_for(self, ready: Callable[[], Any]) -> Any:
        """Waits until a condition is true, and returns its value."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            if value := ready():
                return value
            time.sleep(0.1)
        self.process.kill()
        raise AssertionError(f"{self.process.communicate()[0]}\n{self.jobs()}")

    def finished(self) -> int:
        return sum(job["status"] == "complete" for job in self.jobs())

    def job(self, job_id: int) -> dict[str, Any]:
        return next(job for job in self.jobs() if job["id"] == job_id)


def on_slurm(search: Search) -> dict[str, Any] | None:
    """A job whose batch job evaluates a network; None if there is none."""
    for job in search.jobs():
        if job["status"] == "pending" and str(job.get("proc_id")).startswith("SLURM "):
            return job
    return None


def cancel_one(search: Search, server: Any) -> int:
    """Cancels a batch job while it evaluates a network; returns the job."""
    while True:
        job = search.wait_for(lambda: on_slurm(search))
        server.run("scancel", job["proc_id"].split()[1])
        if search.wait_for(partial(was_lost, search, job["id"])) == "lost":
            return int(job["id"])


def was_lost(search: Search, job_id: int) -> str | None:
    """Whether a job was "lost" or "complete" first; None if it is neither."""
    job = search.job(job_id)
    return "lost" if job.get("lost") else "complete" if job["status"] == "complete" else None


def test_search_ends_complete_though_a_job_is_cancelled_and_the_node_restarts(
    batch_environ: Callable[[str], Any], tmp_path: Path
) -> None:
    server = batch_environ("SLURM")
    search = Search(tmp_path / "an experiment's folder")
    search.wait_for(lambda: search.finished() >= 1)
    cancelled = cancel_one(search, server)
    search.wait_for(lambda: search.finished() >= JOBS // 2)
    server.stop_node()  # what runs continues
    server.start_node()
    text, _ = search.process.communicate(timeout=2 * PATIENCE_S)
    assert search.process.returncode == 0, text
    jobs = search.jobs()
    assert [job["id"] for job in jobs] == list(range(1, JOBS + 1))
    assert {job["status"] for job in jobs} == {"complete"}
    assert {job["id"] for job in jobs if job["attempt"] != 1} == {cancelled}
    assert search.job(cancelled)["attempt"] == 2
    assert all(job["proc_id"].startswith("SLURM ") for job in jobs)
    assert all("error" in job["values"] and job["measurements"]["script"] for job in jobs)
    assert f"retrying job {cancelled}: " in text
    assert f"\n{JOBS} networks: " in text
    assert server.queue() == []
