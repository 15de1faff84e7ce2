from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from spearmint import processes
from spearmint.database import DatabaseUnavailableError
from spearmint.lifecycle import BEGIN_LIMIT
from spearmint.schedulers import Ended, SubmissionDelayedError
from spearmint.worker.launch import CANNOT_BEGIN, STOPPED
from tests.spearmint.control.conftest import DEAD, ELSEWHERE


@pytest.fixture
def worker() -> Iterator[Callable[..., str]]:
    """Starts a process that sleeps; its identity."""
    children = []

    def start(experiment: str = "e") -> str:
        code = "import time; print(flush=True); time.sleep(600)"
        name, value = processes.mark(experiment)
        child = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, name: value},
        )
        children.append(child)
        assert child.stdout is not None
        child.stdout.readline()
        identity = processes.identity(child.pid)
        assert identity is not None
        return identity

    yield start
    for child in children:
        child.kill()
        child.communicate()


@pytest.mark.parametrize("durable", [True, False])
def test_submitted_job_is_supervised(bench: Any, durable: bool) -> None:
    one = bench(durable_ids=durable)
    job = one.add()
    assert one.supervisor.submit(job)
    assert one.supervisor.has_submitted(1)
    assert not one.supervisor.has_submitted(2)
    (spec,) = one.scheduler.specs
    assert (spec.job_id, spec.experiment) == (1, "e")
    assert one.job().get("proc_id") == ("manual 1" if durable else None)


@pytest.mark.parametrize(
    ("stopping", "stored", "until"),
    [
        (None, {"until": 0.5}, None),
        ({"segments": 3}, {}, 0.25),
        ({"segments": 3}, {"progress": 0.25}, 0.5),
        ({"segments": 3}, {"until": 0.5}, 0.5),
    ],
)
def test_job_of_an_earlier_run_pauses_only_if_config_json_says_so_now(
    bench: Any, stopping: Any, stored: dict[str, float], until: float | None
) -> None:
    one = bench(stopping=stopping)
    assert one.supervisor.submit(one.add(**stored))
    assert one.job().get("until") == until
    assert one.supervisor.submitted["manual 1"].until == until


def test_a_resource_may_accept_no_job_right_now(bench: Any) -> None:
    def refuse(_: Any) -> None:
        one.scheduler.lines.append("too many jobs")
        raise SubmissionDelayedError

    one = bench()
    one.scheduler.on_submit = refuse
    assert not one.supervisor.submit(one.add())
    assert not one.supervisor.has_submitted(1)
    assert one.text == "too many jobs\n"


def test_new_jobs_of_dead_controllers_are_adopted(bench: Any, worker: Any) -> None:
    one = bench(lease_time=60)
    own, dead, alive, elsewhere, old = (
        one.add(),
        one.add(controller=DEAD),
        one.add(controller=worker()),
        one.add(controller=ELSEWHERE),
        one.add(controller=ELSEWHERE, **{"submit time": 1.0}),
    )
    adopted = [one.supervisor.adopt(job) for job in (own, dead, alive, elsewhere, old)]
    assert adopted == [True, True, False, False, True]
    assert one.job(2)["controller"] == one.job(5)["controller"] == one.supervisor.identity
    one.claim(2)
    assert not one.supervisor.adopt(dead), "it has begun since it was read"


def test_orphans_are_resumed_if_they_are_still_in_the_queue(bench: Any) -> None:
    one = bench(durable_ids=True)
    jobs = [one.add(controller=DEAD, proc_id=f"manual {i}") for i in (11, 12, 13)]
    one.scheduler.queued = {"manual 11", "manual 12"}
    one.claim(2, ELSEWHERE)
    jobs = [one.job(i) for i in (1, 2, 3)] + [one.add(controller=DEAD)]
    orphans = [job for job in jobs if one.supervisor.is_orphan(job)]
    assert [job["id"] for job in orphans] == [1, 2, 3]
    assert one.supervisor.resume(orphans) == 2
    assert [one.supervisor.has_submitted(i) for i in (1, 2, 3)] == [True, True, False]
    # One is lost before its claim, which says nothing about the job, and one after it.
    one.scheduler.ended = [Ended("manual 11", "state FAILED"), Ended("manual 12", "state FAILED")]
    one.supervisor.poll()
    assert [one.job(i).get("lost") for i in (1, 2)] == [None, 1]


def test_job_that_could_not_begin_is_put_back_and_not_to_blame(bench: Any) -> None:
    one = bench()
    one.supervisor.submit(one.add())
    one.scheduler.ended = [Ended("manual 1", "exit status 7", last_output_line="no disk")]
    (job,) = one.supervisor.poll()
    assert (job["status"], "lost" in job) == ("new", False)
    reason = "its process ended before the job began: exit status 7; last output: no disk"
    assert job["reason"] == reason
    assert one.text == f"retrying job 1, which could not begin: {reason}\n"
    assert not one.supervisor.has_submitted(1)
    assert one.supervisor.is_delayed(1)


def test_job_that_can_never_begin_is_an_obstacle(bench: Any) -> None:
    one = bench()
    one.add()
    for attempt in range(1, BEGIN_LIMIT + 1):
        assert one.supervisor.obstacle is None
        one.supervisor.submit(one.job())
        one.scheduler.ended = [Ended(f"manual {attempt}", "exit status 5")]
        one.supervisor.poll()
    assert (one.job()["status"], "lost" in one.job()) == ("new", False)
    assert one.supervisor.obstacle == (
        "job 1 could not begin, 5 times in a row: its process ended before the job began: "
        "exit status 5"
    )


def test_job_that_begins_is_no_obstacle(bench: Any) -> None:
    one = bench()
    one.add()
    for attempt in range(1, BEGIN_LIMIT + 1):
        one.supervisor.submit(one.job())
        if attempt == 2:
            one.claim()
        one.scheduler.ended = [Ended(f"manual {attempt}", "exit status 5")]
        one.supervisor.poll()
    assert one.supervisor.obstacle is None
    assert one.job()["lost"] == 1


def test_worker_that_puts_its_job_back_because_it_cannot_begin(bench: Any) -> None:
    one = bench()
    one.supervisor.submit(one.add())
    one.claim()
    changes = {"status": "new", "reason": "cannot begin: no space"}
    assert one.store.update("e", 1, status="pending", attempt=1, changes=changes)
    one.scheduler.ended = [Ended("manual 1", "exit status 5", status=CANNOT_BEGIN)]
    one.supervisor.poll()
    assert "lost" not in one.job()
    assert one.job()["reason"].endswith(": exit status 5; last output: cannot begin: no space")


def test_ends_wait_for_a_database_that_is_away(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise DatabaseUnavailableError("away")

    one = bench(max_concurrent=2)
    one.supervisor.submit(one.add())
    one.supervisor.submit(one.add())
    one.claim(2)
    one.scheduler.ended = [Ended("manual 1", "exit status 4"), Ended("manual 2", "SIGKILL")]
    for method in ("brief_jobs", "update"):
        with monkeypatch.context() as patch:
            patch.setattr(type(one.store), method, fail)
            with pytest.raises(DatabaseUnavailableError):
                one.supervisor.poll()
        assert one.supervisor.has_submitted(1)
    one.supervisor.poll()
    assert not one.supervisor.submitted
    assert [one.job(i)["status"] for i in (1, 2)] == ["new", "new"]
    assert one.job(2)["reason"] == "its process ended before storing a result: SIGKILL"


def test_lease_that_could_not_be_renewed_does_not_count(bench: Any) -> None:
    one = bench(durable_ids=True, lease_time=60)
    one.supervisor.submit(one.add())
    expired(one, 1, ELSEWHERE)
    one.supervisor.trust_no_lease()
    (job,) = one.supervisor.poll()
    assert job["status"] == "pending"


def test_excused_process_is_not_a_loss(bench: Any) -> None:
    one = bench(durable_ids=True)
    one.supervisor.submit(one.add())
    one.scheduler.ended = [Ended("manual 1", "state PREEMPTED", excused=True)]
    (job,) = one.supervisor.poll()
    assert (job["status"], "lost" in job) == ("new", False)


def test_dead_worker_is_retried_then_given_up(bench: Any) -> None:
    one = bench()
    one.add()
    for attempt in (1, 2, 3):
        one.supervisor.submit(one.job())
        one.claim()
        one.scheduler.ended = [Ended(f"manual {attempt}", "killed by SIGKILL")]
        one.supervisor.poll()
        assert one.job()["lost"] == attempt
    assert one.job()["status"] == "broken"
    assert one.job()["reason"] == (
        "its process ended before storing a result: killed by SIGKILL; given up after 3 attempts"
    )
    assert one.text.count("retrying job 1: ") == 2


def test_dead_worker_of_a_dead_controller_is_found_by_its_identity(bench: Any) -> None:
    one = bench()
    one.add(controller=DEAD)
    one.claim()
    one.supervisor.poll()
    job = one.job()
    assert (job["status"], job["controller"]) == ("new", one.supervisor.identity)
    assert job["reason"] == "its process ended before storing a result"
    assert "lost" not in job, "it ended with its controller, as in a power cut"


def test_lease_of_a_worker_that_ended_with_its_controllers_machine(bench: Any) -> None:
    name, _, namespace = processes.host().split("/")
    one = bench(lease_time=60)
    one.add(controller=f"{name}/an-earlier-boot/{namespace}:7:7")
    expired(one, 1, f"{name}/an-earlier-boot/{namespace}:8:8")
    one.supervisor.poll()
    assert (one.job()["status"], "lost" in one.job()) == ("new", False)


@pytest.mark.parametrize("durable", [True, False])
def test_process_that_requeues_its_job_unasked_is_a_loss(bench: Any, durable: bool) -> None:
    one = bench(durable_ids=durable)
    one.supervisor.submit(one.add())
    one.claim()
    assert one.store.update("e", 1, status="pending", attempt=1, changes={"status": "new"})
    one.scheduler.ended = [Ended("manual 1", "state TIMEOUT", status=STOPPED)]
    one.supervisor.poll()
    assert one.job()["reason"] == "its process ended after requeueing the job: state TIMEOUT"
    assert one.job()["lost"] == 1


def test_result_that_was_stored_is_kept_however_the_process_ended(bench: Any) -> None:
    one = bench(durable_ids=True)
    one.scheduler.on_submit = one.run_at_once()
    one.supervisor.submit(one.add())
    one.scheduler.ended = [Ended("manual 1", "killed by SIGKILL")]
    (job,) = one.supervisor.poll()
    assert (job["status"], "lost" in job) == ("complete", False)


def expired(one: Any, job_id: int, worker: str) -> None:
    """Claims a job with a lease that is over when this returns."""
    one.claim(job_id, worker, lease_s=0.001)
    while not any(job["id"] == job_id for job in one.store.expired("e")):
        pass


def test_worker_without_a_heartbeat_loses_its_job(bench: Any) -> None:
    one = bench(durable_ids=True, lease_time=60)
    one.supervisor.submit(one.add())
    expired(one, 1, ELSEWHERE)
    (job,) = one.supervisor.poll()
    assert (job["status"], job["lost"]) == ("new", 1)
    assert job["reason"] == "no heartbeat from its worker for 60 s"
    assert one.scheduler.cancelled == ["manual 1"]
    assert not one.supervisor.has_submitted(1)


def test_worker_that_is_seen_to_run_keeps_its_job(bench: Any, worker: Any) -> None:
    one = bench(lease_time=60)
    one.add()
    expired(one, 1, worker())
    one.supervisor.poll()
    assert one.job()["status"] == "pending"
    assert one.store.expired("e") == [], "its lease is renewed for it"


def test_stop_ends_workers_and_requeues_their_jobs(bench: Any, worker: Any) -> None:
    one = bench()
    own, dead, elsewhere = (worker() for _ in range(3))
    one.add()
    one.claim(1, own)
    one.add(controller=DEAD)
    one.claim(2, dead)
    one.add(controller=ELSEWHERE)
    one.claim(3, elsewhere)
    assert one.supervisor.stop() == 2
    assert [one.job(i)["status"] for i in (1, 2, 3)] == ["new", "new", "pending"]
    assert one.job()["reason"] == "stopped with its controller"
    assert all("lost" not in one.job(i) for i in (1, 2))
    alive = [processes.is_alive(identity) for identity in (own, dead, elsewhere)]
    assert alive == [False, False, True]
    assert one.scheduler.calls == ["stop"]


def test_stop_ends_processes_before_it_asks_the_database(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        assert one.scheduler.calls == ["stop"]
        raise DatabaseUnavailableError("away")

    one = bench()
    one.supervisor.submit(one.add())
    monkeypatch.setattr(type(one.store), "brief_jobs", fail)
    with pytest.raises(DatabaseUnavailableError):
        one.supervisor.stop()
    one.interrupts.received = signal.SIGINT
    one.scheduler.calls.clear()
    assert one.controller.stop() == 130
    assert "away\nstopped without the database; " in one.text


def test_processes_of_others_are_not_ended(bench: Any, worker: Any) -> None:
    one = bench()
    other = worker("another experiment")
    for name in (other, f"{processes.host()}:0:1", f"{processes.host()}:1:1"):
        job = one.add(controller=DEAD)
        one.claim(job["id"], name, lease_s=0.001)
    one.supervisor.poll()
    one.supervisor.stop()
    assert processes.is_alive(other)
    assert [one.job(i)["status"] for i in (1, 2, 3)] == ["pending", "new", "new"]
