"""Tests of concurrency: several processes and threads use one database at the same time."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

import pytest

from spearmint.database import STATUSES, Database
from spearmint.testing.databases import workers
from spearmint.testing.databases.fixtures import EXPERIMENT, Connect, DatabaseFixtures, job_of
from spearmint.testing.databases.workers import PROCESSES, at_once

JOBS = 30


def flat(lists: list[list[Any]]) -> list[Any]:
    """All items of some lists."""
    return list(chain.from_iterable(lists))


def add(db: Database, count: int) -> None:
    """Adds jobs."""
    for n in range(count):
        db.add_job(EXPERIMENT, {"n": n})


class ConcurrencyTests(DatabaseFixtures):
    """Ids, claims, results and leases under contention."""

    def test_ids_are_unique_and_without_gaps(self, connect: Connect) -> None:
        # No process has opened the database before, so all of them create its tables at once.
        ids = at_once(workers.add, connect, 25)
        assert sorted(flat(ids)) == list(range(1, 25 * PROCESSES + 1))
        with connect() as db:
            for number, own in enumerate(ids):
                stored = [(job_of(db, job_id)["writer"], job_of(db, job_id)["n"]) for job_id in own]
                assert stored == [(number, n) for n in range(25)]

    def test_no_job_is_claimed_twice(self, connect: Connect) -> None:
        with connect() as db:
            add(db, JOBS)
            claimed = at_once(workers.claim, connect, JOBS)
            assert sorted(flat(claimed)) == list(range(1, JOBS + 1))
            for number, own in enumerate(claimed):
                for job_id in own:
                    job = job_of(db, job_id)
                    assert (job["worker"], job["attempt"]) == (f"w{number}", 1)

    def test_no_update_is_lost(self, connect: Connect) -> None:
        with connect() as db:
            add(db, 1)
            db.claim(EXPERIMENT, 1, "w", 600.0)
            assert at_once(workers.write_own_field, connect, 20) == [20] * PROCESSES
            fields = {key: value for key, value in job_of(db).items() if key.startswith("field")}
            assert fields == {f"field {number}": 20 for number in range(PROCESSES)}

    def test_each_job_is_completed_once(self, connect: Connect) -> None:
        with connect() as db:
            add(db, JOBS)
            for job_id in range(1, JOBS + 1):
                db.claim(EXPERIMENT, job_id, "w", 600.0)
            finished = at_once(workers.finish, connect, JOBS)
            assert sorted(flat(finished)) == list(range(1, JOBS + 1))
            for number, own in enumerate(finished):
                assert all(job_of(db, job_id)["values"] == {"error": number} for job_id in own)

    def test_hypers_are_never_mixed(self, connect: Connect) -> None:
        at_once(workers.save_hypers, connect, 20)
        with connect() as db:
            hypers = db.hypers(EXPERIMENT)
            assert hypers["twice"] == [hypers["writer"], hypers["n"]]
            assert hypers["n"] == 19

    def test_workers_that_die_and_store_results_late(self, connect: Connect) -> None:
        with connect() as db:
            add(db, JOBS)
            stored = Counter(flat(at_once(workers.live, connect, JOBS)))
            jobs = db.jobs(EXPERIMENT)
            assert {job["status"] for job in jobs} == {"complete"}
            assert sorted(stored) == [(job["id"], job["attempt"]) for job in jobs]
            assert set(stored.values()) == {1}
            assert all(job["values"]["attempt"] == job["attempt"] for job in jobs)
            assert max(job["attempt"] for job in jobs) > 1

    def test_threads_share_one_object(self, db: Database) -> None:
        with ThreadPoolExecutor(PROCESSES) as pool:
            ids = list(pool.map(lambda n: db.add_job(EXPERIMENT, {"n": n}), range(60)))
            assert sorted(ids) == list(range(1, 61))
            claimed = pool.map(
                lambda n: db.claim(EXPERIMENT, n % 20 + 1, f"w{n}", 600.0), range(60)
            )
            assert sum(job is not None for job in claimed) == 20

    def test_one_of_several_adds_the_next_job(self, db: Database) -> None:
        with ThreadPoolExecutor(PROCESSES) as pool:
            for job_id in range(1, 11):
                added = pool.map(
                    lambda n, job_id=job_id: db.add_next_job(EXPERIMENT, {"n": n}, job_id), range(4)
                )
                assert sum(added) == 1
        assert [job["id"] for job in db.jobs(EXPERIMENT)] == list(range(1, 11))

    @pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
    def test_forked_children_open_connections_of_their_own(self, db: Database) -> None:
        add(db, 1)
        context = multiprocessing.get_context("fork")
        children = [context.Process(target=add, args=(db, 5)) for _ in range(4)]
        for child in children:
            child.start()
        add(db, 5)
        for child in children:
            child.join(workers.PATIENCE_S)
            assert child.exitcode == 0
        add(db, 1)
        assert [job["id"] for job in db.jobs(EXPERIMENT)] == list(range(1, 28))

    def test_a_killed_writer_loses_nothing_that_was_acknowledged(self, connect: Connect) -> None:
        acknowledged: dict[int, str] = {}
        rounds = 5
        for count in range(1, rounds + 1):
            with workers.writing(connect) as (writer, pipe):
                for _ in range(5 * count):
                    job_id, status = pipe.recv()
                    acknowledged[job_id] = status
                writer.kill()
                try:
                    while True:
                        job_id, status = pipe.recv()
                        acknowledged[job_id] = status
                except (EOFError, OSError):
                    pass  # that was all, or the last message is not complete
            with connect() as db:
                jobs = {job["id"]: job for job in db.jobs(EXPERIMENT)}
            for job_id, status in acknowledged.items():
                assert STATUSES.index(jobs[job_id]["status"]) >= STATUSES.index(status)
            assert len(jobs) <= len(acknowledged) + count, "one job may be stored without an answer"
            assert all(len(job["text"]) == 20_000 for job in jobs.values())
