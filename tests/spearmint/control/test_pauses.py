"""Jobs whose trainings pause, with everything but their processes."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest

from spearmint import lifecycle
from spearmint.control.controller import DONE
from spearmint.control.pauses import Pauses
from spearmint.schedulers import Ended
from tests.spearmint.control.conftest import Bench

SHARES = [0.25, 0.5, 1.0]


def trains(one: Bench) -> Any:
    """An `on_submit` that trains up to `until`; the error of job n falls from n + 1 to n."""

    def run(spec: Any) -> None:
        job = one.claim(spec.job_id)
        until = float(job["until"])
        curve = tuple((s, spec.job_id + 1 - s) for s in SHARES if s <= until)
        if until < 1:
            changes = lifecycle.paused(job, until, curve, {}, {f"m{until}": 1})
        else:
            measured = lifecycle.all_measurements(job, {"end": 1})
            changes = lifecycle.complete({"main": float(spec.job_id)}, measured, None)
        attempt = job["attempt"]
        assert one.store.update(
            "e", spec.job_id, status="pending", attempt=attempt, changes=changes
        )
        [proc_id] = [key for key, running in one.scheduler.running.items() if running == job["id"]]
        del one.scheduler.running[proc_id]
        one.scheduler.ended.append(Ended(proc_id, "exit status 0"))

    return run


@pytest.fixture
def one(bench: Any) -> Bench:
    made: Bench = bench(max_finished_jobs=2, stopping={"segments": 3})
    made.scheduler.on_submit = trains(made)
    return made


def test_trainings_pause_until_enough_have_ended(one: Bench) -> None:
    assert one.controller.run() == DONE
    jobs = one.store.jobs("e")
    done = [job for job in jobs if job["status"] == "complete"]
    assert len(done) == 2, "paused jobs are not finished"
    assert {job["status"] for job in jobs} <= {"complete", "paused"}
    for job in done:
        assert job["attempt"] == 3
        assert "lost" not in job
        assert set(job["measurements"]) == {"m0.25", "m0.5", "end"}, "of all segments"
        assert [share for share, _ in job["curve"]] == [0.25, 0.5]
    assert "job 1 paused at 25 % of its training: main 1.75" in one.text
    assert f"job {done[0]['id']} continues up to 100 % of its training" in one.text
    assert "best observed: main 1, in job 1" in one.text


def order_of(one: Bench) -> list[int]:
    """The jobs in the order in which their segments were submitted, once the run is over."""
    assert one.controller.run() == DONE
    return [spec.job_id for spec in one.scheduler.specs]


def test_a_process_that_ends_later_than_its_job_pauses_changes_no_decision(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def orders(late: bool) -> list[int]:
        stopping = {"segments": 3}
        folder = tmp_path_factory.mktemp("late" if late else "plain")
        one = Bench(folder, False, **{"max-finished-jobs": 2, "stopping": stopping})
        plain, waiting = trains(one), list[Ended]()
        polls = itertools.cycle([True, False, False])

        def run(spec: Any) -> None:
            plain(spec)
            waiting.append(one.scheduler.ended.pop())

        def poll() -> None:
            if next(polls) and waiting:
                one.scheduler.ended.append(waiting.pop(0))

        one.scheduler.on_submit = run if late else plain
        one.scheduler.on_poll = poll if late else lambda: None
        return order_of(one)

    assert orders(late=True) == orders(late=False)


def test_another_controller_continues_paused_jobs(one: Bench) -> None:
    paused(one, 1.75)
    assert one.controller.run() == DONE
    assert one.job(1)["status"] == "complete"
    assert one.text.count("job 1 paused at 25 %") == 0, "it was paused before this run"


def test_lost_segment_is_repeated_and_its_progress_is_kept(one: Bench) -> None:
    plain, lost = one.scheduler.on_submit, []

    def dies_once(spec: Any) -> None:
        job = one.job(spec.job_id)
        if job.get("progress") != 0.25 or lost:
            plain(spec)
            return
        one.claim(spec.job_id)
        lost.append(spec.job_id)
        [proc_id] = [key for key, running in one.scheduler.running.items() if running == job["id"]]
        del one.scheduler.running[proc_id]
        one.scheduler.ended.append(Ended(proc_id, "killed by SIGKILL"))

    one.scheduler.on_submit = dies_once
    assert one.controller.run() == DONE
    job = one.job(lost[0])
    assert job["lost"] == 1
    assert "m0.25" in job["measurements"]
    assert f"retrying job {lost[0]}: its process ended before storing a result" in one.text


def test_end_of_a_segment_that_another_controller_has_continued_is_no_loss(bench: Any) -> None:
    one = bench(durable_ids=True, max_finished_jobs=2, stopping={"segments": 3})
    one.scheduler.on_submit = lambda spec: None
    assert one.supervisor.submit(one.add(until=0.25))
    changes = lifecycle.paused(one.claim(1), 0.25, ((0.25, 1.0),), {}, {})
    assert one.store.update("e", 1, status="pending", attempt=1, changes=changes)
    go_on = lifecycle.continued(0.5, "Main", "another controller")
    assert one.store.update("e", 1, status="paused", attempt=1, changes=go_on)
    one.scheduler.ended.append(Ended("manual 1", "exit status 0"))
    one.supervisor.poll()
    assert one.job(1)["controller"] == "another controller"
    assert "lost" not in one.job(1)


def paused(one: Bench, error: float, seconds: float = 1.0) -> int:
    """A job that is paused at a quarter of its training, after some time; returns its id."""
    job_id = int(one.add(until=0.25)["id"])
    changes = lifecycle.paused(one.claim(job_id), 0.25, ((0.25, error),), {}, {})
    changes["earlier seconds"] = seconds
    assert one.store.update("e", job_id, status="pending", attempt=1, changes=changes)
    return job_id


def pauses_of(one: Bench) -> Pauses:
    stopping = one.config.problem.stopping
    assert stopping is not None
    return Pauses(stopping, one.supervisor, one.suggestions, one.progress)


def test_unlikely_trainings_end_for_good(bench: Any) -> None:
    one = bench(stopping={"rule": "chance", "segments": 3, "chance": 2.0})
    assert (paused(one, 1.5), paused(one, 2.75)) == (1, 2)
    [resource] = one.config.resources
    assert pauses_of(one).go_on(one.store.jobs("e"), resource, 1e9)
    assert (one.job(1)["status"], one.job(1)["until"]) == ("new", 0.5)
    assert one.job(2)["status"] == "paused"
    assert one.job(2)["ended"] == "its best value is no better than that of a guess"
    assert "job 2 ended at 25 % of its training: its best value is no better" in one.text
    assert not pauses_of(one).go_on(one.store.jobs("e"), resource, 1e9), "none is left"


def test_when_time_is_up_only_trainings_that_can_continue_are_waited_for(bench: Any) -> None:
    one = bench(stopping={"rule": "chance", "segments": 3, "chance": 2.0})
    paused(one, 2.75)
    [resource] = one.config.resources
    pauses = pauses_of(one)
    jobs = one.store.jobs("e")
    assert pauses.need_time(jobs)
    assert pauses.need_time([{**jobs[0], "status": "new"}]), "it continues"
    pauses.go_on(jobs, resource, 0.0)
    assert one.job(1)["ended"]
    assert not pauses.need_time(one.store.jobs("e"))
    assert not pauses.need_time([{**jobs[0], "status": "broken"}])


def test_with_little_time_left_only_what_can_end_goes_on(bench: Any) -> None:
    one = bench(stopping={"segments": 3})
    paused(one, 1.5, seconds=1000.0)
    [resource] = one.config.resources
    pauses = pauses_of(one)
    one.add(until=0.25)
    one.claim(2)
    one.finish(2, 9.0)
    found = [
        (pauses.go_on(one.store.jobs("e"), resource, left_s), pauses.are_undecided)
        for left_s in (2999.0, 3001.0)  # it needs 3000 s
    ]
    assert found == [(False, False), (True, True)]
    assert (one.job(1)["status"], one.job(1)["until"]) == ("new", 0.5)


def test_without_a_result_a_paused_job_goes_on_after_the_time_limit(bench: Any) -> None:
    one = bench(max_time=1e-6, stopping={"segments": 3})
    one.scheduler.on_submit = trains(one)
    paused(one, 1.75)
    assert one.controller.run() == DONE
    assert [job["status"] for job in one.store.jobs("e")] == ["complete"]
    assert "done: time limit" in one.text


def test_a_job_that_goes_on_after_the_time_limit_stays_in_its_queue(bench: Any) -> None:
    one = bench(max_time=1e-6, stopping={"segments": 3})
    plain, withdrawn = trains(one), list[bool]()

    def run(spec: Any) -> None:
        withdrawn.append("withdraw" in one.scheduler.calls)
        plain(spec)

    one.scheduler.on_submit = run
    paused(one, 1.75)
    assert one.controller.run() == DONE
    assert withdrawn == [False, False]
    assert "withdraw" in one.scheduler.calls


def test_trainings_that_have_diverged_are_not_waited_for_when_time_is_up(bench: Any) -> None:
    one = bench(max_time=1e-6, stopping={"segments": 3})
    paused(one, math.nan)
    assert one.controller.run() == DONE
    assert one.job(1)["status"] == "paused"
    assert "done: time limit" in one.text


def test_a_paused_job_goes_on_if_no_new_one_is_found_that_was_to_come_first(bench: Any) -> None:
    one = bench(stopping={"segments": 3}, chooser="default_chooser")
    paused(one, 1.5)
    [resource] = one.config.resources
    pauses = pauses_of(one)
    assert not pauses.go_on(one.store.jobs("e"), resource, 1e9), "the initial design comes first"
    assert pauses.are_undecided
    pauses.suggestions.exhausted = "no job is expected to end in time"
    assert pauses.go_on(one.store.jobs("e"), resource, 1e9)
    assert one.job(1)["status"] == "new"
    pauses.go_on(one.store.jobs("e"), resource, 1e9)
    assert not pauses.are_undecided, "none is left"


def test_a_paused_job_whose_process_has_not_ended_yet_may_still_continue(bench: Any) -> None:
    one = bench(durable_ids=True, stopping={"segments": 3})
    assert one.supervisor.submit(one.add(until=0.25))
    changes = lifecycle.paused(one.claim(1), 0.25, ((0.25, 1.0),), {}, {})
    assert one.store.update("e", 1, status="pending", attempt=1, changes=changes)
    [resource] = one.config.resources
    pauses = pauses_of(one)
    pauses.suggestions.exhausted = "all 1 points of the search space have been tried"
    assert not pauses.go_on(one.store.jobs("e"), resource, 1e9)
    assert pauses.are_undecided, "the queue reports its end later"
    one.scheduler.ended.append(Ended("manual 1", "exit status 0"))
    one.supervisor.poll()
    assert pauses.go_on(one.store.jobs("e"), resource, 1e9)
    assert (one.job(1)["status"], one.job(1)["until"]) == ("new", 0.5)
    assert pauses.are_undecided


def test_trainings_continue_when_all_points_of_the_space_have_begun(bench: Any) -> None:
    variables = {"n": {"type": "INT", "min": 1, "max": 6}}
    settings = {"chooser": "default_chooser", "variables": variables, "max_finished_jobs": 6}
    one = bench(stopping={"segments": 3}, **settings)
    one.scheduler.on_submit = trains(one)
    assert one.controller.run() == DONE
    jobs = one.store.jobs("e")
    assert [job["status"] for job in jobs] == ["complete"] * 6
    assert len({job["params"]["n"]["values"][0] for job in jobs}) == 6
    assert "the chooser could not decide" not in one.text


def test_the_beginning_of_segments_is_not_scaled_up_as_if_it_were_training(bench: Any) -> None:
    one = bench(stopping={"segments": 3})
    job_id = paused(one, 1.5, seconds=10.0)  # 8 s to begin, 2 s for a quarter of the training
    took = {"seconds": 10.0, "share": 0.25, "training": 2.0, "once": 0.0}
    changes = {"segments": [took]}
    assert one.store.update("e", job_id, status="paused", attempt=1, changes=changes)
    [resource] = one.config.resources
    pauses = pauses_of(one)
    one.add(until=0.25)
    one.claim(2)
    one.finish(2, 9.0)
    left = [pauses.go_on(one.store.jobs("e"), resource, left_s) for left_s in (21.9, 22.1)]
    assert left == [False, True], "twice 8 s, and 6 s of training"


def test_what_a_new_training_takes_is_told_by_those_that_have_trained_most() -> None:
    short = {"status": "paused", "progress": 1 / 128, "earlier seconds": 2.0}
    done = {"status": "complete", "progress": 0.5, "earlier seconds": 20.0}
    done |= {"start time": 100.0, "end time": 110.0, "values": {"main": 1.0}}
    assert Pauses._whole_s([short, short, done]) == 30.0
    failed = done | {"values": {"main": math.nan}}
    assert Pauses._whole_s([failed]) == 40.0, "it did not come to its end"
    assert Pauses._whole_s([{"status": "complete"}]) == 0.0
