from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spearmint.config import Resource, Task
from spearmint.lifecycle import (
    RETRIES,
    after_loss,
    all_measurements,
    broken,
    can_continue,
    complete,
    continued,
    done,
    ended_early,
    failed_in_a_row,
    is_full,
    may_adopt,
    paused,
    requeue,
    resource_with_room,
    retried,
    startable,
    stopping,
    total_limit,
)

ONE = Resource("Main")


def jobs_of(statuses: str, resource: str = "Main") -> list[dict[str, Any]]:
    """Jobs 1, 2, ... from letters: n, p, z (paused), c, b, and l for one over a limit."""
    names = {"n": "new", "p": "pending", "c": "complete", "b": "broken", "l": "complete"}
    names["z"] = "paused"
    return [
        {"id": i, "status": names[letter], "resource": resource}
        | ({"limit": "job-timeout"} if letter == "l" else {})
        for i, letter in enumerate(statuses, start=1)
    ]


def ids(jobs: Sequence[Any]) -> list[int]:
    return [job["id"] for job in jobs]


def test_complete_keeps_what_was_returned() -> None:
    changes = complete({"a": 1.0}, {"power": 3}, None)
    assert changes["status"] == "complete"
    assert changes["values"] == {"a": 1.0}
    assert changes["measurements"] == {"power": 3}
    assert changes["end time"] > 1e9
    assert "measurements" not in complete({"a": 1.0}, {}, "r")


def test_pause_keeps_what_is_known_of_all_segments() -> None:
    first = {"id": 1, "status": "pending", "start time": 100.0}
    changes = paused(first, 0.25, ((0.25, 3.0),), {"power": 1.0}, {"a": 1, "b": 1})
    assert changes["status"] == "paused"
    assert (changes["progress"], changes["curve"]) == (0.25, [[0.25, 3.0]])
    assert changes["values"] == {"power": 1.0}
    assert changes["earlier seconds"] > 1e9, "since 1970 and 100 s"
    second = {**first, **changes, "status": "pending", "earlier seconds": 50.0}
    again = paused(second, 0.5, ((0.5, 2.0),), {}, {"b": 2})
    assert again["measurements"] == {"a": 1, "b": 2}
    assert again["earlier seconds"] > changes["earlier seconds"]
    assert all_measurements({"measurements": {"a": 1}}, {"b": 2}) == {"b": 2}, "it was not paused"


def test_pause_keeps_what_its_segments_took() -> None:
    job = {"id": 1, "status": "pending", "start time": time.time() - 100, "earlier seconds": 50.0}
    assert "segments" not in paused(job, 0.25, ((0.25, 3.0),), {}, {})
    took = {"share": 0.25, "training": 3.0, "once": 1.0}
    changes = paused(job, 0.25, ((0.25, 3.0),), {}, {}, took)
    [first] = changes["segments"]
    assert first == {**took, "seconds": changes["earlier seconds"] - 50.0}
    assert first["seconds"] >= 100
    again = paused({**job, **changes}, 0.5, ((0.5, 2.0),), {}, {}, took)
    assert again["segments"][0] == first
    assert len(again["segments"]) == 2


def test_what_was_ended_early_does_not_continue() -> None:
    job = jobs_of("z")[0]
    assert can_continue(job)
    assert not can_continue({**job, **ended_early("it is hopeless")})
    assert not any(map(can_continue, jobs_of("npcb")))
    assert continued(0.5, "Main", "c")["status"] == "new"


def test_paused_jobs_take_no_room() -> None:
    resource = Resource("Main", max_concurrent=1, max_finished_jobs=2)
    assert resource_with_room(jobs_of("zzzc"), [resource], 2) is resource
    assert resource_with_room(jobs_of("zzzcp"), [resource], 3) is None
    assert not done(jobs_of("zzzc"), [resource], 2)
    assert done(jobs_of("zzzcc"), [resource], 2)
    assert startable(jobs_of("zn"), [ONE], None) == jobs_of("zn")[1:]


def test_broken_keeps_the_reason() -> None:
    assert broken("ValueError: x")["reason"] == "ValueError: x"


def test_lost_job_is_retried_then_given_up() -> None:
    job: dict[str, Any] = {"id": 1, "status": "pending"}
    for count in range(1, RETRIES + 1):
        changes = after_loss(job, "it died")
        assert changes == {"status": "new", "lost": count, "reason": "it died", "proc_id": None}
        job |= changes
    last = after_loss(job, "it died")
    assert last["status"] == "broken"
    assert last["reason"] == "it died; given up after 3 attempts"


def test_requeued_job_does_not_count_as_lost() -> None:
    assert "lost" not in requeue("stopped")


@pytest.mark.parametrize(
    ("statuses", "concurrent", "limit", "expected"),
    [
        ("", 1, None, []),
        ("n", 1, None, [1]),
        ("nn", 1, None, [1]),
        ("pn", 1, None, []),
        ("pn", 2, None, [2]),
        ("cbn", 1, None, [3]),
        ("ccn", 1, 2, []),
        ("cnn", 2, 2, [2]),
        ("cpn", 2, 2, []),
        ("ppppn", 2, None, []),
    ],
)
def test_startable(statuses: str, concurrent: int, limit: int | None, expected: list[int]) -> None:
    resource = Resource("Main", max_concurrent=concurrent, max_finished_jobs=limit)
    assert ids(startable(jobs_of(statuses), [resource], None)) == expected
    several = Resource("Main", max_concurrent=concurrent)
    assert ids(startable(jobs_of(statuses), [several], limit)) == expected


def test_jobs_need_a_share_of_a_gpu() -> None:
    pair = Resource("Main", max_concurrent=9, gpus=("a", "b"))
    assert ids(startable(jobs_of("nnnn"), [pair], None)) == [1, 2]
    assert ids(startable(jobs_of("pnnn"), [pair], None)) == [2]
    shared = Resource("Main", max_concurrent=3, gpus=("a", "b"), jobs_per_gpu=2)
    assert ids(startable(jobs_of("nnnn"), [shared], None)) == [1, 2, 3]
    assert resource_with_room(jobs_of("pn"), [pair], None) is None
    assert resource_with_room(jobs_of("pn"), [shared], None) is shared


def test_each_resource_has_its_own_room() -> None:
    cpu, gpu = Resource("cpu"), Resource("gpu", max_concurrent=2, max_finished_jobs=2)
    jobs = [*jobs_of("p", "cpu"), {"id": 2, "status": "new", "resource": "gpu"}]
    assert ids(startable(jobs, [cpu, gpu], None)) == [2]
    assert resource_with_room(jobs, [cpu, gpu], None) is gpu
    jobs.append({"id": 3, "status": "new", "resource": "gpu"})
    assert resource_with_room(jobs, [cpu, gpu], None) is None
    assert not done(jobs, [cpu, gpu], None)


def test_job_of_a_removed_resource_runs_on_the_first() -> None:
    assert ids(startable(jobs_of("n", "old"), [ONE], None)) == [1]


@pytest.mark.parametrize(
    ("statuses", "total", "wanted", "over"),
    [
        ("", None, True, False),
        ("", 1, True, False),
        ("p", 1, False, False),
        ("c", 1, False, True),
        ("b", 1, False, True),
        ("n", 2, False, False),
        ("cb", 2, False, True),
        ("cbc", 2, False, True),
    ],
)
def test_room_and_done(statuses: str, total: int | None, wanted: bool, over: bool) -> None:
    jobs = jobs_of(statuses)
    assert (resource_with_room(jobs, [ONE], total) is ONE) == wanted
    assert done(jobs, [ONE], total) == over
    own = Resource("Main", max_finished_jobs=total)
    assert (resource_with_room(jobs, [own], None) is own) == wanted
    assert done(jobs, [own], None) == over


@given(st.text("npcb", max_size=12), st.integers(1, 4), st.integers(1, 12) | st.none())
def test_started_jobs_never_exceed_limits(
    statuses: str, concurrent: int, limit: int | None
) -> None:
    resource = Resource("Main", max_concurrent=concurrent, max_finished_jobs=limit)
    jobs = jobs_of(statuses)
    started = startable(jobs, [resource], None)
    assert started == startable(list(reversed(jobs)), [resource], None)
    running = statuses.count("p")
    assert not started or running + len(started) <= concurrent
    over = statuses.count("c") + statuses.count("b")
    assert not started or limit is None or over + running + len(started) <= limit
    if not done(jobs, [resource], None) and not running:
        assert started or resource_with_room(jobs, [resource], None), "nothing would ever happen"


@pytest.mark.parametrize(
    ("statuses", "earlier", "found"),
    [
        ("bbbb", (), []),
        ("bbbbbp", (), [1, 2, 3, 4, 5]),
        ("bbbbbbc", (), []),
        ("cccbbbbb", (), [4, 5, 6, 7, 8]),
        ("bbbbcbbbb", (), []),
        ("bbbbbb", (1, 2), []),
    ],
)
def test_five_failed_in_a_row(statuses: str, earlier: Any, found: list[int]) -> None:
    assert ids(failed_in_a_row(jobs_of(statuses), earlier)) == found


def test_the_order_in_which_jobs_broke_counts() -> None:
    jobs = jobs_of("cbbbbb")
    for job, end in zip(jobs, [4, 1, 2, 3, 5, 6], strict=True):
        job["end time"] = end
    assert failed_in_a_row(jobs, ()) == []
    jobs[0]["end time"] = 0
    assert ids(failed_in_a_row(jobs, ())) == [2, 3, 4, 5, 6]


def test_a_job_says_that_all_others_would_fail() -> None:
    plain = {"id": 1, **broken("no data")}
    fatal = {"id": 2, **broken("no module", stops=True)}
    assert "stops" not in plain
    assert stopping([plain, fatal], []) is fatal
    assert stopping([plain, fatal], [2]) is None  # of an earlier run
    assert stopping([plain, {**fatal, **retried(fatal)}], []) is None
    assert stopping([], []) is None


def test_retried_job_has_all_its_attempts() -> None:
    changes = retried({"id": 1, "reason": "no disk", "lost": 3})
    assert (changes["status"], changes["lost"]) == ("new", 0)
    assert changes["reason"] == "runs again; it broke: no disk"


def test_jobs_of_dead_controllers_are_adopted() -> None:
    job = {"submit time": 100.0}
    assert may_adopt(job, 101.0, 60.0, alive=False)
    assert not may_adopt(job, 1000.0, 60.0, alive=True)
    assert not may_adopt(job, 101.0, 60.0, alive=None)
    assert may_adopt(job, 161.0, 60.0, alive=None)
    assert may_adopt({}, 161.0, 60.0, alive=None)


TASKS = (Task("error", objective=True), Task("power", objective=False))


@pytest.mark.parametrize(
    ("status", "values", "full"),
    [
        ("complete", {"error": 1.0, "power": 1.0}, True),
        ("complete", {"error": 1.0, "power": -1.0}, True),
        ("complete", {"error": math.nan, "power": -1.0}, False),
        ("complete", {"error": None, "power": -1.0}, False),
        ("complete", {"error": math.nan, "power": 1.0}, True),
        ("complete", {"error": math.nan, "power": math.nan}, True),
        ("complete", math.nan, True),
        ("broken", None, False),
        ("pending", None, False),
    ],
)
def test_a_job_that_was_cut_short_is_not_full(status: str, values: Any, full: bool) -> None:
    assert is_full({"id": 1, "status": status, "values": values}, TASKS) is full


def test_the_limit_counts_full_jobs_and_leaves_room_for_running_ones() -> None:
    jobs = jobs_of("cccbpn")
    jobs[0]["values"] = {"error": math.nan, "power": -1.0}  # cut short
    for job in jobs[1:3]:
        job["values"] = {"error": 1.0, "power": 1.0}
    assert total_limit(jobs, TASKS, 20, None) == 20
    assert total_limit(jobs, TASKS, None, 4) == 6  # 4 finished, 2 more may be full
    assert total_limit(jobs, TASKS, 5, 4) == 5
    assert total_limit(jobs, TASKS, None, 1) == 4
    assert ids(startable(jobs, (Resource("Main", max_concurrent=9),), 6)) == [6]
    assert startable(jobs, (Resource("Main", max_concurrent=9),), 5) == []
    assert done(jobs, (ONE,), total_limit(jobs, TASKS, None, 2))
