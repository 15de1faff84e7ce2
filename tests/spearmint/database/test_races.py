"""Eight processes at once on one store: ids, claims, results, leases."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from spearmint.database import Database
from tests.spearmint.database import workers
from tests.spearmint.database.workers import NAME, PROCESSES, Place, at_once

JOBS = 30


def flat(lists: list[list[Any]]) -> list[Any]:
    return list(chain.from_iterable(lists))


def add(db: Database, count: int) -> None:
    for n in range(count):
        db.add_job(NAME, {"n": n})


def test_ids_are_unique_and_without_gaps(place: Place) -> None:
    ids = at_once(workers.add, place, 25)
    assert sorted(flat(ids)) == list(range(1, 25 * PROCESSES + 1))
    with place.open() as db:
        for number, own in enumerate(ids):
            stored = [(db.job(NAME, job_id)["writer"], db.job(NAME, job_id)["n"]) for job_id in own]
            assert stored == [(number, n) for n in range(25)]


def test_no_job_is_claimed_twice(place: Place) -> None:
    with place.open() as db:
        add(db, JOBS)
        claimed = at_once(workers.claim, place, JOBS)
        assert sorted(flat(claimed)) == list(range(1, JOBS + 1))
        for number, own in enumerate(claimed):
            for job_id in own:
                job = db.job(NAME, job_id)
                assert (job["worker"], job["attempt"]) == (f"w{number}", 1)


def test_no_update_is_lost(place: Place) -> None:
    with place.open() as db:
        add(db, 1)
        db.claim(NAME, 1, "w", 60.0)
        assert at_once(workers.write_own_field, place, 20) == [20] * PROCESSES
        job = db.job(NAME, 1)
        assert {key: value for key, value in job.items() if key.startswith("field")} == {
            f"field {number}": 20 for number in range(PROCESSES)
        }


def test_one_result_a_job(place: Place) -> None:
    with place.open() as db:
        add(db, JOBS)
        for job_id in range(1, JOBS + 1):
            db.claim(NAME, job_id, "w", 60.0)
        finished = at_once(workers.finish, place, JOBS)
        assert sorted(flat(finished)) == list(range(1, JOBS + 1))
        for number, own in enumerate(finished):
            assert all(db.job(NAME, job_id)["values"] == {"error": number} for job_id in own)


def test_hypers_are_never_mixed(place: Place) -> None:
    assert at_once(workers.save_hypers, place, 20) == [True] * PROCESSES
    with place.open() as db:
        hypers = db.hypers(NAME)
        assert hypers["twice"] == [hypers["writer"], hypers["n"]]
        assert hypers["n"] == 19


def test_dying_workers_and_zombies(place: Place) -> None:
    """Every job gets one result, of the attempt that held it; none of an older attempt's."""
    with place.open() as db:
        add(db, JOBS)
        stored = Counter(flat(at_once(workers.live, place, JOBS)))
        jobs = db.jobs(NAME)
        assert {job["status"] for job in jobs} == {"complete"}
        assert sorted(stored) == [(job["id"], job["attempt"]) for job in jobs]
        assert set(stored.values()) == {1}
        assert all(job["values"]["attempt"] == job["attempt"] for job in jobs)
        assert max(job["attempt"] for job in jobs) > 1


def test_new_store_made_by_all_at_once(place: Place) -> None:
    # Nothing has opened it before: all make its tables, or its index, at once.
    assert sorted(flat(at_once(workers.add, place, 1))) == list(range(1, PROCESSES + 1))


def test_threads_of_one_object(db: Database) -> None:
    with ThreadPoolExecutor(PROCESSES) as pool:
        ids = list(pool.map(lambda n: db.add_job(NAME, {"n": n}), range(60)))
        assert sorted(ids) == list(range(1, 61))
        claimed = pool.map(lambda n: db.claim(NAME, n % 20 + 1, f"w{n}", 60.0), range(60))
        assert sum(job is not None for job in claimed) == 20


def test_an_object_inherited_by_fork_opens_its_own_connection(db: Database) -> None:
    add(db, 1)
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=add, args=(db, 5)) for _ in range(4)]
    for child in children:
        child.start()
    add(db, 5)
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    add(db, 1)
    assert [job["id"] for job in db.jobs(NAME)] == list(range(1, 28))


@pytest.mark.parametrize("journal", ["wal", "rollback"])
def test_sqlite_writer_killed_midway_loses_nothing_acknowledged(
    tmp_path: Path, journal: str
) -> None:
    place = Place(f"sqlite:{tmp_path}/jobs.sqlite")
    reached = {"add": "new", "claim": "pending", "complete": "complete"}
    acknowledged: dict[int, str] = {}
    for round_ in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-m", workers.__name__, place.address, journal],
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        for _ in range(3 + 5 * round_):
            verb, job_id = writer.stdout.readline().split()
            acknowledged[int(job_id)] = reached[verb.decode()]
        writer.kill()
        for line in writer.stdout.read().splitlines():
            verb, job_id = line.split()
            acknowledged[int(job_id)] = reached[verb.decode()]
        writer.wait()
        writer.stdout.close()
        with place.open() as db:
            jobs = {job["id"]: job for job in db.jobs(NAME)}
            order = ["new", "pending", "complete"]
            for job_id, status in acknowledged.items():
                assert order.index(jobs[job_id]["status"]) >= order.index(status)
            # At most the one in flight besides.
            assert len(jobs) <= len(acknowledged) + round_ + 1
            assert all(len(job["text"]) == 20_000 for job in jobs.values())
