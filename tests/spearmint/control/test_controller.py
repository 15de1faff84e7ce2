from __future__ import annotations

import math
import signal
from typing import Any

import pytest

from spearmint import lifecycle
from spearmint.control import controller
from spearmint.control.controller import DONE, FAILED
from spearmint.database import DatabaseUnavailableError
from spearmint.errors import UserError
from spearmint.schedulers import Ended
from tests.spearmint.control.conftest import DEAD


def statuses(one: Any) -> str:
    return "".join(job["status"][0] for job in one.store.jobs("e"))


def test_runs_until_the_requested_jobs_are_finished(bench: Any) -> None:
    one = bench(max_finished_jobs=3)
    one.scheduler.on_submit = one.run_at_once()
    assert one.controller.run() == DONE
    assert statuses(one) == "ccc"
    assert [spec.job_id for spec in one.scheduler.specs] == [1, 2, 3]
    assert one.text.count("job 1 complete: main 1") == 1
    assert "done: all 3 requested jobs are finished" in one.text
    assert "resuming" not in one.text
    assert "suggested job 3 in " in one.text, "with --debug"


def test_jobs_that_were_cut_short_do_not_count_as_full(bench: Any) -> None:
    tasks = {"main": {"type": "OBJECTIVE"}, "power": {"type": "CONSTRAINT"}}
    one = bench(max_full_jobs=2, tasks=tasks)

    def run(spec: Any) -> None:
        job = one.claim(spec.job_id)
        over = spec.job_id in (1, 3)
        values = {"main": math.nan if over else 1.0, "power": -1.0 if over else 1.0}
        done = lifecycle.complete(values, {}, None)
        assert one.store.update(
            "e", spec.job_id, status="pending", attempt=job["attempt"], changes=done
        )
        [proc_id] = [key for key, job_id in one.scheduler.running.items() if job_id == spec.job_id]
        del one.scheduler.running[proc_id]
        one.scheduler.ended.append(Ended(proc_id, "exit status 0"))

    one.scheduler.on_submit = run
    assert one.controller.run() == DONE
    assert statuses(one) == "cccc"
    assert "done: 2 jobs were evaluated in full, as requested" in one.text


def test_continues_an_earlier_run(bench: Any) -> None:
    one = bench(max_finished_jobs=2)
    one.add()
    one.claim()
    one.finish()
    one.add(controller=DEAD)
    one.scheduler.on_submit = one.run_at_once(2.0)
    assert one.controller.run() == DONE
    assert "resuming e: 2 jobs found" in one.text
    assert "job 1 complete" not in one.text, "the earlier run has reported it"
    assert "job 2 submitted again on" in one.text
    assert one.job(2)["values"] == {"main": 2.0}


def test_job_in_the_queue_of_a_batch_system_is_not_submitted_again(bench: Any) -> None:
    def end_it() -> None:
        if one.supervisor.has_submitted(1) and one.job()["status"] == "new":
            one.claim()
            one.finish()

    one = bench(durable_ids=True, max_finished_jobs=1)
    one.add(controller=DEAD, proc_id="manual 7")
    one.scheduler.queued = {"manual 7"}
    one.scheduler.on_poll = end_it
    assert one.controller.run() == DONE
    assert one.scheduler.specs == []


def test_no_job_starts_after_the_time_limit_and_running_ones_finish(bench: Any) -> None:
    def run(spec: Any) -> None:
        one.claim(spec.job_id)
        search._began -= 600  # all the time passes while the first job is submitted

    def finish() -> None:
        if one.store.jobs("e", "pending"):
            polls.append(1)
        if len(polls) == 3:
            one.finish()

    one = bench(max_time=600)
    search = one.controller
    polls: list[int] = []
    one.scheduler.on_submit, one.scheduler.on_poll = run, finish
    assert search.run() == DONE
    assert statuses(one) == "c"
    assert len(polls) == 3
    assert "done: time limit of 600 s reached" in one.text
    assert "withdraw" in one.scheduler.calls


def test_job_that_would_not_end_in_time_does_not_begin(bench: Any) -> None:
    paced = {"chooser": "default_chooser", "chooser-args": {"per-second": True}}
    one = bench(max_time=60, max_finished_jobs=6, **paced)

    def run(spec: Any) -> None:
        one.claim(spec.job_id)
        one.finish(spec.job_id)
        assert one.store.update(
            "e",
            spec.job_id,
            status="complete",
            attempt=1,
            changes={"start time": 0.0, "end time": 3600.0},
        )

    one.scheduler.on_submit = run
    assert one.controller.run() == DONE
    assert statuses(one) == "ccc", "until something is known of the time"
    assert "done: no job is expected to end within the" in one.text
    assert "s that are left: the shortest takes up to 3.6e+03 s" in one.text


@pytest.mark.parametrize(
    "limits", [{"max_finished_jobs": 1}, {"resources": {"a": {"max-finished-jobs": 1}}}]
)
def test_more_jobs_than_requested(bench: Any, limits: dict[str, Any]) -> None:
    one = bench(**limits)
    for job_id in (1, 2):
        one.add()
        one.claim(job_id)
        one.finish(job_id)
    assert one.controller.run() == DONE
    assert "done: 2 jobs are finished, 1 requested" in one.text


def test_search_whose_first_jobs_all_break_is_stopped(bench: Any) -> None:
    one = bench(max_finished_jobs=50)
    one.scheduler.on_submit = one.run_at_once(None)
    assert one.controller.run() == FAILED
    assert statuses(one) == "b" * lifecycle.FAILED_LIMIT
    text = "stopped: 5 jobs in a row broke, all because of: it broke"
    assert text in one.text
    assert one.scheduler.calls == ["stop"]


def test_search_whose_first_jobs_all_exceed_a_limit_is_stopped(bench: Any) -> None:
    def run(spec: Any) -> None:
        if spec.job_id == 3:
            one.run_at_once(None)(spec)
            return
        one.claim(spec.job_id)
        changes = lifecycle.over_limit(["main"], "job-timeout", "ended: it took too long")
        assert one.store.update("e", spec.job_id, status="pending", attempt=1, changes=changes)

    one = bench()
    one.scheduler.on_submit = run
    assert one.controller.run() == FAILED
    assert statuses(one) == "ccbcc"
    text = (
        "stopped: 5 jobs in a row ended without a result, the last one because of: ended: it took"
    )
    assert text in one.text
    remedy = "  correct the cause or raise job-timeout, then continue with --retry_broken"
    assert remedy in one.text


def test_search_without_a_result_has_failed(bench: Any) -> None:
    def run(spec: Any) -> None:
        one.claim(spec.job_id)
        changes = lifecycle.over_limit(["main"], "job-memory", "ended: it used too much")
        assert one.store.update("e", spec.job_id, status="pending", attempt=1, changes=changes)

    one = bench(max_finished_jobs=2)
    one.scheduler.on_submit = run
    assert one.controller.run() == FAILED
    assert "done: all 2 requested jobs are finished" in one.text


def test_search_whose_jobs_break_from_some_moment_on_is_stopped(bench: Any) -> None:
    def run(spec: Any) -> None:
        one.run_at_once(1.0 if spec.job_id <= 3 else None)(spec)

    one = bench(max_finished_jobs=50)
    one.scheduler.on_submit = run
    assert one.controller.run() == FAILED
    assert statuses(one) == "cccbbbbb"


def test_broken_jobs_run_again_if_asked_for(bench: Any) -> None:
    one = bench(max_finished_jobs=4)
    for job_id, value in ((1, None), (2, 1.0), (3, None)):
        one.add()
        one.claim(job_id)
        one.finish(job_id, value)
    one.scheduler.on_submit = one.run_at_once()
    search = one.controller
    search.retry_broken = True
    assert search.run() == DONE
    assert statuses(one) == "cccc"
    assert "2 broken jobs will run again" in one.text
    assert [one.job(i)["attempt"] for i in (1, 2, 3)] == [2, 1, 2]


def test_run_that_ends_with_broken_jobs_alone_has_failed(bench: Any) -> None:
    one = bench(max_finished_jobs=1)
    one.scheduler.on_submit = one.run_at_once(None)
    assert one.controller.run() == FAILED
    assert "done: the requested job is finished" in one.text


def test_space_with_fewer_points_than_requested(bench: Any) -> None:
    variables = {"x": {"type": "INT", "min": 1, "max": 2}}
    one = bench(variables=variables, max_finished_jobs=9)
    one.scheduler.on_submit = one.run_at_once()
    assert one.controller.run() == DONE
    assert statuses(one) == "cc"
    assert "done: all 2 points of the search space have been tried" in one.text


def test_signal_stops_the_run_and_requeues_its_jobs(bench: Any) -> None:
    def interrupt(spec: Any) -> None:
        one.claim(spec.job_id)
        one.interrupts.received = signal.SIGTERM

    one = bench(max_finished_jobs=3)
    one.scheduler.on_submit = interrupt
    assert one.controller.run() == 128 + signal.SIGTERM
    assert statuses(one) == "n"
    text = "stopped; 1 running job was requeued for the next start; all results are kept"
    assert text in one.text
    assert one.text.endswith("best observed: none yet\n")


def test_unavailable_database_is_waited_for(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        if failures:
            failures.pop()
            raise DatabaseUnavailableError("jobs.sqlite: is locked")

    monkeypatch.setattr(controller.Controller, "_wait", lambda self, seconds: False)
    one = bench(max_finished_jobs=1)
    one.scheduler.on_submit, one.scheduler.on_poll = one.run_at_once(), fail
    failures = [1, 1, 1]
    assert one.controller.run() == DONE
    assert one.text.count("jobs.sqlite: is locked\nwaiting for the database; Ctrl-C stops") == 1
    assert one.text.count("the database responds again after ") == 1
    monkeypatch.setattr(controller, "PATIENCE_S", -1.0)
    failures = [1, 1]
    with pytest.raises(DatabaseUnavailableError):
        one.controller.run()


def test_point_of_a_controller_that_did_not_know_all_jobs_is_not_added(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both_suggest(jobs: Any) -> Any:
        if not jobs:
            one.add(resource="Main")  # the other controller's, a moment earlier
            one.claim(1, one.supervisor.identity)
        known.append(len(jobs))
        return {"x": {"type": "float", "values": [0.5]}}

    known: list[int] = []
    one = bench(max_finished_jobs=1)
    monkeypatch.setattr(one.chooser, "suggest", both_suggest)
    one.scheduler.on_poll = lambda: one.store.jobs("e", "pending") and one.finish()
    assert one.controller.run() == DONE
    assert statuses(one) == "c"
    assert known == [0]
    assert one.scheduler.specs == []
    known.clear()
    two = bench(max_finished_jobs=3)
    two.scheduler.on_submit = two.run_at_once()
    monkeypatch.setattr(two.chooser, "suggest", both_suggest)
    assert two.controller.run() == DONE
    assert known == [1, 2]
    assert statuses(two) == "ccc"


def test_jobs_of_another_search_are_refused_before_anything_is_done(bench: Any) -> None:
    one = bench()
    one.add(params={"y": {"type": "float", "values": [0.5]}}, controller=DEAD)
    before = one.job()
    with pytest.raises(UserError, match=r"cleanup\.sh DIR"):
        one.controller.run()
    assert one.job() == before
