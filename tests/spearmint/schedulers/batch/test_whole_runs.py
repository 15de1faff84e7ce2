"""Whole runs on batch systems: what becomes of the jobs and of the queue."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spearmint import processes
from spearmint.database import connect
from tests.servers.daemons import PATIENCE_S
from tests.spearmint.objectives import WAITING

pytestmark = pytest.mark.server


def send_away(one: Any, job: dict[str, Any]) -> None:
    """Makes a job's worker look like one on another machine, of which only the queue reports."""
    with one.store as store:
        status, attempt = job["status"], job["attempt"]
        changes = {"worker": "elsewhere:1:1"}
        assert store.update("test", job["id"], status=status, attempt=attempt, changes=changes)


def two_run_and_one_waits(one: Any) -> Any:
    """Starts a run of three jobs on a cluster with room for two."""
    child = one.start()
    one.wait_for(lambda: len(list(one.folder.glob("began *"))) == 2 and len(one.jobs()) == 3)
    return child


@pytest.mark.parametrize("system", ["SLURM", "PBS", "SGE"])
def test_run_ends_with_all_jobs_complete(
    system: str, experiment: Any, batch_environ: Callable[[str], Any], mongo_address: str
) -> None:
    server = batch_environ(system)
    one = experiment(
        max_finished_jobs=4,
        scheduler=system,
        max_concurrent=2,
        environment_file="env",
        database={"address": mongo_address, "name": f"batch{system}"},
    )
    (one.folder / "env").write_text("export A=b\n")
    text = one.run()
    jobs = one.jobs()
    assert [(job["status"], job["attempt"]) for job in jobs] == [("complete", 1)] * 4
    assert all(job["proc_id"].startswith(f"{system} ") for job in jobs)
    assert len({job["proc_id"] for job in jobs}) == 4
    assert "done: all 4 requested jobs are finished" in text
    assert "retrying" not in text
    assert all("--- job" in one.output(job["id"]) for job in jobs)
    one.wait_for(lambda: server.queue() == [])


@pytest.mark.parametrize("system", ["SLURM", "SGE"])
@pytest.mark.parametrize(
    ("limit", "body", "reason"),
    [
        ({"job_timeout": 2}, "time.sleep(900)", "took longer than job-timeout, 2 s"),
        (
            {"job_memory": "300MiB"},
            "hoard = bytearray(b'x') * 400_000_000; time.sleep(900)",
            "used more memory than job-memory, 300 MiB",
        ),
    ],
    ids=["time", "memory"],
)
def test_a_job_over_a_limit_is_ended_with_its_children(
    system: str,
    limit: dict[str, Any],
    body: str,
    reason: str,
    experiment: Any,
    batch_environ: Callable[[str], Any],
    mongo_address: str,
) -> None:
    server = batch_environ(system)
    one = experiment(
        f"""
    import os, pathlib, subprocess, time

    def main(job_id, params):
        if job_id == 2:
            return 1.0
        child = subprocess.Popen(["sleep", "900"], start_new_session=True)
        pathlib.Path("child").write_text(str(child.pid))
        {body}
        """,
        scheduler=system,
        max_finished_jobs=2,
        database={"address": mongo_address, "name": f"{system}{next(iter(limit))}"},
        experiment_name="test",
        **limit,
    )
    one.run()
    first, second = one.jobs()
    assert (first["status"], first["attempt"]) == ("complete", 1)
    assert first["reason"] == f"ended: it {reason}"
    assert math.isnan(first["values"]["main"])
    assert second["values"] == {"main": 1.0}
    child = int((one.folder / "child").read_text())
    one.wait_for(lambda: processes.identity(child) is None)
    one.wait_for(lambda: server.queue() == [])


def test_interrupt_leaves_nothing_in_the_queue(
    experiment: Any, batch_environ: Callable[[str], Any]
) -> None:
    server = batch_environ("SLURM")
    one = experiment(WAITING, scheduler="SLURM", max_concurrent=3, max_finished_jobs=3)
    child = two_run_and_one_waits(one)
    one.wait_for(lambda: len(server.queue()) == 3)
    child.send_signal(signal.SIGINT)
    text, _ = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 130, text
    assert "2 running jobs were requeued" in text
    assert {job["status"] for job in one.jobs()} == {"new"}
    assert all("lost" not in job for job in one.jobs())
    one.wait_for(lambda: server.queue() == [])
    (one.folder / "go").touch()
    text = one.run()
    assert "retrying" not in text
    assert [job["status"] for job in one.jobs()] == ["complete"] * 3


def test_jobs_of_a_killed_controller_continue_and_run_once(
    experiment: Any, batch_environ: Callable[[str], Any]
) -> None:
    server = batch_environ("SLURM")
    one = experiment(WAITING, scheduler="SLURM", max_concurrent=3, max_finished_jobs=4)
    child = two_run_and_one_waits(one)
    one.wait_for(lambda: all(job.get("proc_id") for job in one.jobs()))
    before = {job["id"]: job["proc_id"] for job in one.jobs()}
    child.kill()
    child.communicate()
    again = one.start()
    one.wait_for(lambda: one.jobs("new")[0]["controller"] != one.jobs("pending")[0]["controller"])
    assert len(server.queue()) == 3
    (one.folder / "go").touch()
    text, _ = again.communicate(timeout=PATIENCE_S)
    assert again.returncode == 0, text
    assert "resuming test: 3 jobs found" in text
    jobs = one.jobs()
    assert [(job["status"], job["attempt"]) for job in jobs] == [("complete", 1)] * 4
    assert {job["id"]: job["proc_id"] for job in jobs[:3]} == before
    one.wait_for(lambda: server.queue() == [])


def test_new_controller_that_is_stopped_stops_the_jobs_of_the_old_one(
    experiment: Any, batch_environ: Callable[[str], Any]
) -> None:
    server = batch_environ("SLURM")
    one = experiment(WAITING, scheduler="SLURM", max_concurrent=3, max_finished_jobs=3)
    child = two_run_and_one_waits(one)
    one.wait_for(lambda: len(server.queue()) == 3)
    child.kill()
    child.communicate()
    for job in one.jobs("pending"):
        send_away(one, job)
    again = one.start()
    one.wait_for(lambda: one.jobs("new")[0]["controller"] != one.jobs("pending")[0]["controller"])
    again.send_signal(signal.SIGINT)
    text, _ = again.communicate(timeout=PATIENCE_S)
    assert again.returncode == 130, text
    assert {job["status"] for job in one.jobs()} == {"new"}
    one.wait_for(lambda: server.queue() == [])


def test_killed_and_cancelled_workers_are_retried(
    experiment: Any, batch_environ: Callable[[str], Any]
) -> None:
    server = batch_environ("SLURM")
    one = experiment(WAITING, scheduler="SLURM", max_finished_jobs=1)
    child = one.start()
    running = one.wait_for(lambda: (one.folder / "began 1").exists() and one.jobs("pending"))
    (one.folder / "began 1").unlink()
    send_away(one, running[0])
    os.kill(int(running[0]["worker"].split(":")[1]), signal.SIGKILL)
    one.wait_for(lambda: [j for j in one.jobs("pending") if j["attempt"] == 2])
    first = one.jobs()[0]
    assert (first["lost"], first["reason"].split(";")[0]) == (
        1,
        "its process ended before storing a result: "
        f"state FAILED, JobLaunchFailure ({running[0]['proc_id']})",
    )
    one.wait_for((one.folder / "began 1").exists)
    server.run("scancel", "--user=root")
    one.wait_for(lambda: [j for j in one.jobs("pending") if j["attempt"] == 3])
    second = one.jobs()[0]
    assert second["lost"] == 2
    assert "state CANCELLED" in second["reason"]
    assert "after requeueing the job: state CANCELLED" in second["reason"]
    (one.folder / "go").touch()
    text, _ = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 0, text
    assert text.count("retrying job 1: ") == 2
    assert one.jobs()[0]["status"] == "complete"


def test_run_waits_for_a_cluster_that_does_not_respond(
    experiment: Any, batch_environ: Callable[[str], Any]
) -> None:
    server = batch_environ("SLURM")
    one = experiment(WAITING, scheduler="SLURM", max_finished_jobs=2)
    child = one.start()
    one.wait_for((one.folder / "began 1").exists)
    server.stop_controller()
    try:
        (one.folder / "go").touch()
        one.wait_for(lambda: len(one.jobs()) == 2)
        lines = iter(child.stdout.readline, "")
        assert any("sbatch refused a job: " in line for line in lines)
    finally:
        server.start_controller()
    text, _ = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 0, text
    assert "tried again:" not in text
    assert [(job["status"], job["attempt"]) for job in one.jobs()] == [("complete", 1)] * 2


def test_time_limit_withdraws_jobs_that_wait(
    experiment: Any, batch_environ: Callable[[str], Any]
) -> None:
    server = batch_environ("SLURM")
    server.run("sbatch", "--cpus-per-task=2", "--output=/dev/null", "--wrap", "exec sleep 600")
    one = experiment(scheduler="SLURM")
    text = one.run("--max-time", "2")
    assert "done: time limit of 2 s reached" in text
    (job,) = one.jobs()
    assert (job["status"], job["attempt"]) == ("new", 0)
    assert len(server.queue()) == 1


def test_refusal_ends_a_run_with_a_line(
    experiment: Any, batch_environ: Callable[[str], Any], tmp_path: Path
) -> None:
    batch_environ("SLURM")
    one = experiment(scheduler="SLURM", scheduler_args="--partition=nosuch")
    last = one.run(status=2).strip().splitlines()[-1]
    assert last.startswith("resource Main: sbatch refused a job: sbatch: error: invalid partition")
    assert last.endswith("(scheduler-args: --partition=nosuch)")
    with connect(f"sqlite:{one.folder}/jobs.sqlite") as store:
        assert [job["status"] for job in store.jobs("test")] == ["new"]


def test_missing_program_ends_a_run_with_a_line(
    experiment: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    text = experiment(scheduler="PBS").run(status=2)
    assert text.startswith('resource Main: scheduler "PBS": qsub, qstat, qdel, pbsnodes not on')
    assert len(text.splitlines()) == 1
