"""What is decided from the entries of a queue; test_conformance.py has real batch systems."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from spearmint.schedulers import Ended
from spearmint.schedulers.batch import scheduler as module
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.submission import Submitter
from spearmint.schedulers.batch.system import QueueEntry
from spearmint.worker.job_spec import JobSpec
from tests.spearmint.schedulers.batch.fakes import FakeSystem

WAITS, RUNS = QueueEntry(waiting=True), QueueEntry()


class Bench:
    """A scheduler on a fake batch system, with a clock that tests set."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.now = 1000.0
        clock = SimpleNamespace(monotonic=lambda: self.now, sleep=self.wait)
        monkeypatch.setattr(module, "time", clock)
        self.system = FakeSystem()
        submitter = Submitter(self.system, "big", (), None, ["/root"], pause_s=2.0)
        self.scheduler = BatchScheduler(submitter, interval_s=2.0)

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def spec(self, job_id: int = 1) -> JobSpec:
        return JobSpec(job_id, "e", str(self.folder), "out", "f.py", ["main"], "a", "s", 60.0)

    def submit(self, number: str, entry: QueueEntry | None = WAITS) -> str:
        self.system.submit = f"echo {number}"
        proc_id = self.scheduler.submit(self.spec(int(number)))
        if entry is not None:
            self.system.entries[number] = entry
        return proc_id

    def poll(self) -> list[Ended]:
        self.wait(61.0)  # longer than any pause
        return self.scheduler.poll()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def test_queue_is_queried_no_more_often_than_the_interval(bench: Bench) -> None:
    assert bench.scheduler.poll() == []
    assert bench.system.queries == 0, "nothing has been submitted"
    bench.submit("1")
    for _ in range(5):
        bench.scheduler.poll()
    assert bench.system.queries == 1
    bench.wait(2.0)
    bench.scheduler.poll()
    assert bench.system.queries == 2


def test_ends(bench: Bench) -> None:
    first, second = bench.submit("1"), bench.submit("2", RUNS)
    assert bench.poll() == []
    output = bench.spec(1).output
    output.write_text("Killed\n")
    bench.system.entries["1"] = QueueEntry(ended="state FAILED")
    bench.system.entries["2"] = QueueEntry(ended="state PREEMPTED", excused=True)
    assert sorted(bench.poll(), key=lambda end: end.proc_id) == [
        Ended(first, "state FAILED (FAKE 1)", False, "Killed"),
        Ended(
            second,
            "state PREEMPTED (FAKE 2)",
            True,
            "none (do the nodes share this file system?)",
        ),
    ]
    assert bench.poll() == []


def test_job_that_was_just_submitted_may_be_missing_in_the_queue(bench: Bench) -> None:
    bench.submit("1", entry=None)
    bench.wait(module.SETTLE_S - 1.0)
    assert bench.scheduler.poll() == []
    bench.wait(2.0)
    (ended,) = bench.scheduler.poll()
    assert ended.description == "no longer in the queue (FAKE 1)"
    assert not ended.excused


def test_job_that_was_in_the_queue_and_is_not_any_more_has_ended(bench: Bench) -> None:
    bench.submit("1")
    assert bench.scheduler.poll() == []
    bench.system.entries.clear()
    bench.wait(2.0)
    assert len(bench.scheduler.poll()) == 1


def test_silence_ends_no_job_and_is_reported_once(bench: Bench) -> None:
    bench.submit("1", RUNS)
    bench.system.silent = "timed out"
    for _ in range(3):
        assert bench.poll() == []
    assert bench.scheduler.notices() == [
        "FAKE does not respond (timed out); assuming its jobs are still running"
    ]
    bench.system.silent = None
    assert bench.poll() == []
    assert bench.scheduler.notices() == ["FAKE responds again"]


def test_pauses_grow_while_the_queue_is_silent(bench: Bench) -> None:
    bench.submit("1", RUNS)
    bench.system.silent = "timed out"
    for _ in range(600):
        bench.wait(1.0)
        bench.scheduler.poll()
    assert 10 <= bench.system.queries <= 20


def test_withdraw_cancels_what_waits_at_that_moment(bench: Bench) -> None:
    started, waits = bench.submit("1"), bench.submit("2")
    bench.scheduler.poll()
    bench.system.entries["1"] = RUNS  # since the last query
    bench.scheduler.withdraw()
    assert bench.system.cancelled == [["2"]]
    queries = bench.system.queries
    bench.scheduler.withdraw()
    assert (bench.system.cancelled, bench.system.queries) == ([["2"]], queries)
    del bench.system.entries["2"]
    (ended,) = bench.poll()
    assert (ended.proc_id, ended.excused) == (waits, True)
    assert started != waits


def test_withdraw_that_fails_is_tried_again(bench: Bench) -> None:
    first, second = bench.submit("1"), bench.submit("2")
    bench.poll()
    bench.system.cancel = "false"
    bench.scheduler.withdraw()
    bench.scheduler.withdraw()
    assert bench.system.cancelled == [["1", "2"]], "not at once"
    bench.wait(61.0)
    bench.system.cancel = "true"
    bench.system.entries["1"] = RUNS
    bench.scheduler.withdraw()
    assert bench.system.cancelled[1:] == [["2"]]
    bench.system.entries["1"] = QueueEntry(ended="state FAILED")
    bench.system.entries["2"] = QueueEntry(ended="state CANCELLED")
    ends = {end.proc_id: end.excused for end in bench.poll()}
    assert ends == {first: False, second: True}


def test_cancel_ignores_ids_of_others(bench: Bench) -> None:
    proc_id = bench.submit("1", RUNS)
    for other in ("FAKE 2", "SLURM 1", "FAKE", "FAKE ", "1"):
        bench.scheduler.cancel(other)
    assert bench.system.cancelled == []
    bench.scheduler.cancel(proc_id)
    assert bench.system.cancelled == [["1"]]


def test_resume_takes_over_what_is_in_the_queue(bench: Bench) -> None:
    bench.system.entries = {"1": WAITS, "2": QueueEntry(ended="state FAILED"), "3": RUNS}
    specs = {name: bench.spec() for name in ("FAKE 1", "FAKE 2", "FAKE 9", "SLURM 3")}
    assert bench.scheduler.resume(specs) == {"FAKE 1"}
    assert bench.scheduler.resume({"SLURM 3": bench.spec()}) == set()
    bench.system.entries = {}
    bench.wait(module.SETTLE_S + 1.0)
    assert [end.proc_id for end in bench.scheduler.poll()] == ["FAKE 1"]


@pytest.mark.parametrize("number", ["--user=root", "1 --user=root", "-1", "*", "1;2", "\u0661"])
def test_resume_ignores_what_is_no_number(bench: Bench, number: str) -> None:
    bench.system.entries = {number: RUNS}
    assert bench.scheduler.resume({f"FAKE {number}": bench.spec()}) == set()
    assert bench.system.queries == 0


def test_resume_assumes_that_jobs_of_a_silent_system_run(bench: Bench) -> None:
    bench.system.silent = "timed out"
    assert bench.scheduler.resume({"FAKE 1": bench.spec()}) == {"FAKE 1"}
    assert len(bench.scheduler.notices()) == 1


def test_stop_reports_what_does_not_end(bench: Bench) -> None:
    bench.submit("1", RUNS)
    bench.submit("2", RUNS)
    bench.system.entries["2"] = QueueEntry(ended="state CANCELLED")
    start = bench.now
    bench.scheduler.stop(5.0)
    assert bench.system.cancelled == [["1", "2"]]
    assert 5.0 + module.CANCEL_S <= bench.now - start <= 6.0 + module.CANCEL_S
    assert bench.scheduler.notices() == ["cancelled, but still in the queue: FAKE 1"]
    assert [end.proc_id for end in bench.scheduler.poll()] == ["FAKE 2"]


def test_stop_of_a_silent_system_says_what_to_do(bench: Bench) -> None:
    bench.submit("7", RUNS)
    bench.system.silent = "timed out"
    bench.scheduler.stop(0.0)
    assert bench.scheduler.notices()[-1] == (
        "FAKE does not respond; jobs may be left in its queue; remove them with: true 7"
    )


def test_stop_without_jobs_runs_no_command(bench: Bench) -> None:
    bench.scheduler.stop(5.0)
    assert (bench.system.cancelled, bench.system.queries) == ([], 0)
