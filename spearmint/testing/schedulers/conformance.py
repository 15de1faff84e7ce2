"""Tests of schedulers, with real processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from spearmint.errors import UserError
from spearmint.schedulers import Ended
from spearmint.testing.schedulers.harness import Harness, Init

#: The body of an objective that runs until it is ended, and starts a child that does so too.
SLEEP = """
    child = subprocess.Popen(["sleep", "600"])
    print("BEGAN", child.pid, flush=True)
    time.sleep(600)
"""
#: The body of an objective that runs until there is a file "go".
UNTIL_GO = """
    print("BEGAN", flush=True)
    while not os.path.exists("go"):
        time.sleep(0.05)
    return 5
"""


class SchedulerConformance:
    """All that `spearmint.schedulers.protocol` demands of a scheduler.

    Override the fixture `init`: it returns a function that makes the scheduler of a resource, as
    the `init` of the modules in `spearmint.schedulers` does. For a resource with a queue, override
    the fixture `queue` and the attribute `slots` as well. The jobs must run on this machine: the
    tests send signals to them, and their database is an SQLite file.

    Attributes:
        slots: How many jobs the resource runs at the same time; None if there is no limit. It must
            be at least 2.
        patience_s: How long a test waits for the scheduler, in seconds.
    """

    slots: ClassVar[int | None] = None
    patience_s: ClassVar[float] = 240.0

    @pytest.fixture
    def init(self) -> Init:
        """Makes the scheduler under test; to be overridden."""
        raise NotImplementedError("override the fixture `init`; see SchedulerConformance")

    @pytest.fixture
    def queue(self) -> Callable[[], Sequence[str]]:
        """Returns what waits or runs in the resource's queue; to be overridden if there is one."""
        return tuple

    @pytest.fixture
    def make_harness(self, init: Init, tmp_path: Path) -> Iterator[Callable[[str], Harness]]:
        """Makes experiments in folders of the given names; ends what runs in them."""
        made: list[Harness] = []

        def make(name: str) -> Harness:
            made.append(Harness(tmp_path / name, init, self.patience_s))
            return made[-1]

        yield make
        for harness in made:
            harness.close()

    @pytest.fixture
    def harness(self, make_harness: Callable[[str], Harness]) -> Harness:
        """An experiment."""
        return make_harness("a folder")

    # -- jobs ----------------------------------------------------------------------------------

    def test_runs_a_job(self, harness: Harness) -> None:
        scheduler = harness.scheduler()
        scheduler.start()
        spec = harness.spec("print('BEGAN', os.getcwd()); return p['x'] * 2")
        proc_id = scheduler.submit(spec)
        ended = harness.end_of(scheduler, proc_id)
        job = harness.job(spec)
        assert (job["status"], job["values"], job["attempt"]) == ("complete", {"main": 0.5}, 1), (
            ended
        )
        assert f"BEGAN {harness.folder}\n" in harness.output(spec)
        assert job["proc_id"] == proc_id if scheduler.durable_ids else job["proc_id"] > 1
        harness.poll(scheduler)  # fails if it reports the end again

    def test_runs_jobs_at_the_same_time(self, harness: Harness) -> None:
        scheduler = harness.scheduler()
        specs = [harness.spec(SLEEP) for _ in range(2)]
        proc_ids = [scheduler.submit(spec) for spec in specs]
        assert len(set(proc_ids)) == 2
        for spec in specs:
            harness.wait_until_began(spec)
        assert [harness.job(spec)["status"] for spec in specs] == ["pending"] * 2
        assert not any(harness.has_ended(scheduler, proc_id) for proc_id in proc_ids)

    def test_paths_may_contain_any_character(self, make_harness: Callable[[str], Harness]) -> None:
        harness = make_harness("an 'ex\"é %j $HOME\n\\,:;*`#~")
        file = harness.folder / "my 'env\n"
        file.write_text("WORD='from the \"file\"'\nPYTHONPATH='/x y'\n")
        scheduler = harness.scheduler(environment_file=file)
        spec = harness.spec("print('WORD', os.environ['WORD'], sys.path); return 3")
        ended = harness.end_of(scheduler, scheduler.submit(spec))
        assert harness.job(spec).get("values") == {"main": 3.0}, ended
        assert 'WORD from the "file" [' in harness.output(spec)
        assert "'/x y'" in harness.output(spec)

    def test_environment_file_that_fails(self, harness: Harness) -> None:
        file = harness.folder / "env"
        file.write_text("return 7\n")
        try:
            scheduler = harness.scheduler(environment_file=file)
        except UserError as error:
            refusal = str(error)  # it sources the file on this machine, and finds out at once
        else:
            refusal = ""
        if refusal:
            assert str(file) in refusal
            return
        spec = harness.spec("return 1")
        ended = harness.end_of(scheduler, scheduler.submit(spec))
        assert str(file) in ended.last_output_line
        assert harness.job(spec)["status"] == "new"

    def test_second_process_of_a_job_does_nothing(self, harness: Harness) -> None:
        scheduler = harness.scheduler()
        spec = harness.spec("return 1")
        for _ in range(2):
            harness.end_of(scheduler, scheduler.submit(spec))
        job = harness.job(spec)
        assert (job["status"], job["attempt"]) == ("complete", 1)

    def test_end_of_a_killed_worker_is_reported(self, harness: Harness) -> None:
        scheduler = harness.scheduler()
        spec = harness.spec(SLEEP)
        proc_id = scheduler.submit(spec)
        worker = harness.wait_until_began(spec)["worker"]
        harness.poll(scheduler)
        os.kill(int(worker.split(":")[1]), signal.SIGKILL)
        ended = harness.end_of(scheduler, proc_id)
        assert isinstance(ended, Ended)
        assert ended.description
        assert not ended.excused
        assert harness.job(spec)["status"] == "pending", "a scheduler does not change the database"

    # -- the end of a controller ---------------------------------------------------------------

    def test_stop_requeues_jobs_and_ends_their_children(
        self, harness: Harness, queue: Callable[[], Sequence[str]]
    ) -> None:
        scheduler = harness.scheduler()
        specs = [harness.spec(SLEEP) for _ in range(2)]
        proc_ids = [scheduler.submit(spec) for spec in specs]
        for spec in specs:
            harness.wait_until_began(spec)
        scheduler.stop(self.patience_s)
        assert all(harness.has_ended(scheduler, proc_id) for proc_id in proc_ids)
        for spec in specs:
            job = harness.job(spec)
            assert (job["status"], job["proc_id"]) == ("new", None)
            child = int(harness.output(spec).split("BEGAN")[1].split()[0])
            harness.wait_until_gone(child)
        harness.wait_for(lambda: not queue(), "the queue is empty")

    def test_jobs_outlive_a_closed_scheduler(self, harness: Harness) -> None:
        scheduler = harness.scheduler()
        spec = harness.spec(UNTIL_GO)
        scheduler.submit(spec)
        harness.wait_until_began(spec)
        harness.poll(scheduler)
        harness.leave(scheduler)
        (harness.folder / "go").touch()
        harness.wait_for(lambda: harness.job(spec)["status"] == "complete", "the job completes")
        assert harness.job(spec)["values"] == {"main": 5.0}

    def test_another_scheduler_resumes_what_has_a_durable_id(
        self, harness: Harness, queue: Callable[[], Sequence[str]]
    ) -> None:
        first, second = harness.scheduler(), harness.scheduler()
        done, spec = harness.spec("return 1"), harness.spec(SLEEP)
        done_id = first.submit(done)
        harness.end_of(first, done_id)
        proc_id = first.submit(spec)
        harness.wait_until_began(spec)
        assert not harness.has_ended(first, proc_id)
        found = second.resume({proc_id: spec, done_id: done, "OTHER 1": spec})
        assert found == ({proc_id} if first.durable_ids else set())
        if found:
            second.stop(self.patience_s)
            assert harness.job(spec)["status"] == "new"
            harness.wait_for(lambda: not queue(), "the queue is empty")
            harness.end_of(first, proc_id)

    # -- cancelling ----------------------------------------------------------------------------

    def test_cancel_ends_one_process(self, harness: Harness) -> None:
        scheduler = harness.scheduler()
        specs = [harness.spec(SLEEP), harness.spec(UNTIL_GO)]
        proc_ids = [scheduler.submit(spec) for spec in specs]
        for spec in specs:
            harness.wait_until_began(spec)
        harness.poll(scheduler)
        scheduler.cancel("unknown")
        scheduler.cancel(proc_ids[0])
        harness.end_of(scheduler, proc_ids[0])
        (harness.folder / "go").touch()
        harness.end_of(scheduler, proc_ids[1])
        assert [harness.job(spec)["status"] for spec in specs] == ["new", "complete"]

    def test_cancel_of_a_process_that_has_not_started(self, harness: Harness) -> None:
        scheduler = harness.scheduler()
        spec = harness.spec(SLEEP)
        proc_id = scheduler.submit(spec)
        scheduler.cancel(proc_id)
        assert harness.end_of(scheduler, proc_id).excused
        # A batch system may forget a job that just begins, and kill its process afterwards: without
        # heartbeats, the next controller puts such a job back.
        harness.wait_for(lambda: harness.is_left(spec), "the job is put back, or its process ends")

    def test_withdraw_removes_only_waiting_jobs(self, harness: Harness) -> None:
        scheduler = harness.scheduler()
        specs = [harness.spec(UNTIL_GO) for _ in range(self.slots or 2)]
        proc_ids = [scheduler.submit(spec) for spec in specs]
        for spec in specs:
            harness.wait_until_began(spec)
        if self.slots is not None:
            waits = harness.spec("return 1")
            waiting_id = scheduler.submit(waits)
        scheduler.withdraw()
        if self.slots is not None:
            assert harness.end_of(scheduler, waiting_id).excused
            assert harness.job(waits)["attempt"] == 0
        (harness.folder / "go").touch()
        for proc_id in proc_ids:
            harness.end_of(scheduler, proc_id)
        jobs = [harness.job(spec) for spec in specs]
        assert [(job["status"], job["attempt"]) for job in jobs] == [("complete", 1)] * len(specs)
