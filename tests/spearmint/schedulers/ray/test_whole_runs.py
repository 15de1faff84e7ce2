"""Whole runs on a real Ray cluster: what becomes of the jobs when parts of it die."""

from __future__ import annotations

import re
import shlex
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from spearmint import processes
from tests.servers import ray_cluster
from tests.servers.daemons import PATIENCE_S
from tests.spearmint.objectives import WAITING

pytestmark = pytest.mark.server
#: Jobs of 50 ms to 1 s; each writes down that it has come to its end.
SHORT = """
    import pathlib, time

    def main(job_id, params):
        time.sleep(0.05 + 0.95 * float(params["x"][0]))
        with open("ends", "a") as file:
            file.write(f"{job_id}\\n")
        return float(params["x"][0])
"""


def ray_settings(*words: str, **changes: Any) -> dict[str, Any]:
    return {"scheduler": "RAY", "scheduler_args": shlex.join(words), **changes}


def began(one: Any) -> list[Path]:
    return list(one.folder.glob("began *"))


def guard_of(worker: str) -> psutil.Process:
    """The guard that has started a job."""
    process = psutil.Process(int(worker.split(":")[1])).parent()
    assert process is not None
    assert "guard.py" in " ".join(process.cmdline())
    return process


def assert_complete(one: Any, count: int) -> list[dict[str, Any]]:
    jobs = one.jobs()
    assert [job["id"] for job in jobs] == list(range(1, count + 1))
    assert {job["status"] for job in jobs} == {"complete"}
    assert all(job["values"] == {"main": job["params"]["x"]["values"][0]} for job in jobs)
    return jobs


def test_run_of_a_client_ends_with_all_jobs_complete(experiment: Any, ray: Any) -> None:
    with ray.clients() as address:
        words = [f"--python={ray_cluster.PYTHON}", f"--address={address}"]
        one = experiment(**ray_settings(*words), max_finished_jobs=2, max_concurrent=2)
        text = one.run()
    jobs = assert_complete(one, 2)
    assert [job["attempt"] for job in jobs] == [1] * 2
    assert len({job["proc_id"] for job in jobs}) == 2
    assert all(job["proc_id"].startswith(f"RAY hp{job['id']}-test-") for job in jobs)
    assert "retrying" not in text
    assert "done: all 2 requested jobs are finished" in text
    one.wait_for(lambda: ray.actors() == [])


def test_cluster_of_the_runs_own_ends_with_it(
    experiment: Any, ray: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    words = [f"--python={ray_cluster.PYTHON}", "--num_cpus", "1"]
    one = experiment(WAITING, **ray_settings(*words), max_finished_jobs=2, max_concurrent=2)
    child = one.start()
    one.wait_for(lambda: began(one))
    drivers = [
        process
        for process in psutil.Process(child.pid).children(recursive=True)
        if "raylet" in process.name() or "gcs_server" in process.name()
    ]
    assert len(drivers) == 2
    (one.folder / "go").touch()
    one.finish(child)
    assert_complete(one, 2)
    one.wait_for(lambda: not any(process.is_running() for process in drivers))
    assert list(home.glob(".ray/*")) == []


def test_killed_processes_and_a_restarted_head_lose_and_double_nothing(
    experiment: Any, ray: Any
) -> None:
    one = experiment(SHORT, **ray_settings(*ray.arguments), max_finished_jobs=10, max_concurrent=4)
    child = one.start()
    one.wait_for(lambda: len(one.jobs("complete")) >= 2)
    (victim, *_) = one.wait_for(ray.actors)
    victim.kill()
    one.wait_for(lambda: len(one.jobs("complete")) >= 4)
    finished = {job["id"]: job for job in one.jobs("complete")}
    ray.kill_head()
    ray.start_head()
    text, _ = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 0, text
    assert "Ray does not respond" in text
    assert "Ray responds again" in text
    jobs = {job["id"]: job for job in assert_complete(one, 10)}
    assert {job_id: jobs[job_id] for job_id in finished} == finished
    ends = (one.folder / "ends").read_text().split()
    assert {ends.count(str(job_id)) for job_id in finished} == {1}


def test_jobs_of_a_killed_controller_continue_and_run_once(experiment: Any, ray: Any) -> None:
    one = experiment(WAITING, **ray_settings(*ray.arguments), max_finished_jobs=4, max_concurrent=3)
    child = one.start()
    one.wait_for(lambda: len(began(one)) == 2 and len(one.jobs()) == 3)
    one.wait_for(lambda: all(job.get("proc_id") for job in one.jobs()))
    before = {job["id"]: job["proc_id"] for job in one.jobs()}
    child.kill()
    child.communicate()
    again = one.start()
    one.wait_for(lambda: one.jobs("new")[0]["controller"] != one.jobs("pending")[0]["controller"])
    (one.folder / "go").touch()
    text = one.finish(again)
    assert "resuming test: 3 jobs found" in text
    jobs = assert_complete(one, 4)
    assert [job["attempt"] for job in jobs] == [1] * 4
    assert {job["id"]: job["proc_id"] for job in jobs[:3]} == before
    one.wait_for(lambda: ray.actors() == [])


def test_interrupt_leaves_nothing_on_the_cluster(experiment: Any, ray: Any) -> None:
    one = experiment(WAITING, **ray_settings(*ray.arguments), max_finished_jobs=3, max_concurrent=3)
    child = one.start()
    one.wait_for(lambda: len(began(one)) == 2 and len(one.jobs()) == 3)
    child.send_signal(signal.SIGINT)
    text, _ = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 130, text
    assert "2 running jobs were requeued" in text
    assert {job["status"] for job in one.jobs()} == {"new"}
    assert all("lost" not in job for job in one.jobs())
    one.wait_for(lambda: ray.actors() == [])


def test_a_machine_that_is_told_to_end_does_not_count_against_its_job(
    experiment: Any, ray: Any
) -> None:
    """As on a spot instance: all processes get SIGTERM, more often than a job may be lost."""
    one = experiment(WAITING, **ray_settings(*ray.arguments), max_finished_jobs=1)
    child = one.start()
    for attempt in range(1, 4):
        one.wait_for(lambda: began(one))
        (job,) = one.wait_for(
            lambda attempt=attempt: [j for j in one.jobs("pending") if j["attempt"] == attempt]
        )
        guard = guard_of(job["worker"])
        (one.folder / "began 1").unlink()
        guard.terminate()
        if attempt % 2:  # both get one, or only the guard
            processes.terminate(job["worker"])
    one.wait_for(lambda: began(one))
    (one.folder / "go").touch()
    text = one.finish(child)
    (job,) = assert_complete(one, 1)
    assert job["attempt"] == 4
    assert "lost" not in job
    assert text.count("its machine is being shut down") == 3


def test_a_job_that_gets_sigterm_alone_is_not_retried_for_ever(experiment: Any, ray: Any) -> None:
    body = "    import os\n    def main(i, p): os.kill(os.getpid(), 15); os.read(0, 1)\n"
    one = experiment(body, **ray_settings(*ray.arguments), max_finished_jobs=1)
    text = one.run(status=1)
    (job,) = one.jobs()
    assert (job["status"], job["lost"]) == ("broken", 3)
    assert text.count("retrying job 1: ") == 2


def test_node_that_is_stopped_does_not_count_against_its_job(experiment: Any, ray: Any) -> None:
    one = experiment(WAITING, **ray_settings(*ray.arguments), max_finished_jobs=1)
    child = one.start()
    one.wait_for(lambda: began(one))
    ray.kill_head()
    one.wait_for(lambda: one.jobs("new"))
    (one.folder / "go").touch()
    ray.start_head()
    one.finish(child)
    (job,) = assert_complete(one, 1)
    assert (job["attempt"], job.get("lost")) == (2, None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--address=127.0.0.1:9"], r"cannot connect to Ray \(127\.0\.0\.1:9\): .*refused"),
        (["--num-gpus=8"], "no node has CPU=1 GPU=8, which each job needs"),
    ],
    ids=["no cluster", "no GPU"],
)
def test_cluster_that_cannot_be_used_ends_a_run_with_a_line(
    words: list[str], expected: str, experiment: Any, ray: Any
) -> None:
    one = experiment(**ray_settings(f"--python={ray_cluster.PYTHON}", *words))
    last = one.run(status=2).strip().splitlines()[-1]
    assert re.match(f'resource Main: scheduler "RAY": {expected}', last)


def test_jobs_of_a_killed_search_end_on_a_cluster_of_its_own(experiment: Any, ray: Any) -> None:
    words = [f"--python={ray_cluster.PYTHON}", "--num-cpus=0.5"]
    one = experiment(WAITING, **ray_settings(*words), max_finished_jobs=3, max_concurrent=2)
    child = one.start()
    one.wait_for(lambda: len(began(one)) == 2)
    child.kill()
    child.communicate()
    again = one.start()
    one.read_until(again, "resuming test: ")
    (one.folder / "go").touch()
    one.finish(again)
    jobs = assert_complete(one, 3)
    assert [job["attempt"] for job in jobs] == [1] * 3


def test_a_driver_that_is_killed_ends_its_own_cluster_but_no_run(experiment: Any, ray: Any) -> None:
    words = [f"--python={ray_cluster.PYTHON}"]
    one = experiment(WAITING, **ray_settings(*words), max_finished_jobs=2)
    child = one.start()
    one.wait_for(lambda: began(one))
    (driver,) = [
        process
        for process in psutil.Process(child.pid).children()
        if "spearmint.schedulers.ray.driver" in " ".join(process.cmdline())
    ]
    cluster = [p for p in driver.children(recursive=True) if "raylet" in p.name()]
    (one.folder / "began 1").unlink()
    driver.kill()
    one.wait_for(lambda: began(one))
    (one.folder / "go").touch()
    text = one.finish(child)
    assert "the Ray cluster of this run has ended" in text
    jobs = assert_complete(one, 2)
    assert [job["attempt"] for job in jobs] == [2, 1]
    assert "lost" not in jobs[0]
    one.wait_for(lambda: not any(process.is_running() for process in cluster))
