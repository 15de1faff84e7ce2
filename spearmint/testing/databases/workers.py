"""What other processes do to a database in the tests of concurrency.

They are functions of this module, so that they can be sent to other processes.
"""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from spearmint.database import Database
from spearmint.testing.databases.fixtures import EXPERIMENT, Connect

PROCESSES = 8
#: How long processes wait for each other to start, in seconds.
PATIENCE_S = 240.0

_barrier: Barrier | None = None


def at_once(work: Callable[..., Any], connect: Connect, *arguments: Any) -> list[Any]:
    """Calls `work(db, number, *arguments)` in several processes at the same time.

    Returns:
        The results, by the number of the process.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    barrier = context.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, context, _keep, (barrier,)) as pool:
        tasks = [pool.submit(_work, work, connect, n, arguments) for n in range(PROCESSES)]
        return [task.result() for task in tasks]


def _keep(barrier: Barrier) -> None:
    global _barrier  # noqa: PLW0603 - a pool's processes have no other place for it
    _barrier = barrier


def _work(
    work: Callable[..., Any], connect: Connect, number: int, arguments: tuple[Any, ...]
) -> Any:
    assert _barrier is not None
    _barrier.wait(PATIENCE_S)
    with connect() as db:
        return work(db, number, *arguments)


@contextmanager
def writing(connect: Connect) -> Iterator[tuple[multiprocessing.process.BaseProcess, Connection]]:
    """A process that writes until it is killed, and a pipe with what it has written."""
    context = multiprocessing.get_context("forkserver")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_write_until_killed, args=(connect, writer))
    process.start()
    writer.close()
    try:
        yield process, reader
    finally:
        process.kill()
        process.join()
        reader.close()


def _write_until_killed(connect: Connect, pipe: Connection) -> None:
    with connect() as db:
        while True:
            job_id = db.add_job(EXPERIMENT, {"text": "x" * 20_000})
            pipe.send((job_id, "new"))
            db.claim(EXPERIMENT, job_id, "w", 600.0)
            pipe.send((job_id, "pending"))
            changes = {"status": "complete", "n": 1}
            db.update(EXPERIMENT, job_id, status="pending", attempt=1, changes=changes)
            pipe.send((job_id, "complete"))


def add(db: Database, number: int, count: int) -> list[int]:
    """Adds jobs; returns their ids."""
    return [db.add_job(EXPERIMENT, {"writer": number, "n": n}) for n in range(count)]


def claim(db: Database, number: int, jobs: int) -> list[int]:
    """Tries to claim all jobs in random order; returns the ids of those that it got."""
    order = list(range(1, jobs + 1))
    random.Random(number).shuffle(order)
    return [job_id for job_id in order if db.claim(EXPERIMENT, job_id, f"w{number}", 600.0)]


def write_own_field(db: Database, number: int, count: int) -> int:
    """Changes a field of its own in a job that all share; returns how often it succeeded."""
    done = 0
    for n in range(1, count + 1):
        changes = {f"field {number}": n}
        done += db.update(EXPERIMENT, 1, status="pending", attempt=1, changes=changes)
        db.beat(EXPERIMENT, 1, 1, 600.0 + n)
    return done


def finish(db: Database, number: int, jobs: int) -> list[int]:
    """Tries to complete all jobs; returns the ids of those that it completed."""
    changes = {"status": "complete", "values": {"error": float(number)}}
    return [
        job_id
        for job_id in range(1, jobs + 1)
        if db.update(EXPERIMENT, job_id, status="pending", attempt=1, changes=changes)
    ]


def save_hypers(db: Database, number: int, count: int) -> None:
    """Stores hyper-parameters again and again."""
    for n in range(count):
        db.save_hypers(EXPERIMENT, {"writer": number, "n": n, "twice": [number, n]})


def live(db: Database, number: int, jobs: int) -> list[tuple[int, int]]:
    """Works as a worker that often dies, stores results late, and requeues what others lost.

    Returns:
        (job, attempt) of each result that the database accepted.
    """
    rng = random.Random(number)
    late: list[tuple[int, int]] = []
    stored: list[tuple[int, int]] = []

    def store(job_id: int, attempt: int) -> None:
        values = {"by": number, "attempt": attempt}
        changes = {"status": "complete", "values": values, "end time": 1.0}
        if db.update(EXPERIMENT, job_id, status="pending", attempt=attempt, changes=changes):
            stored.append((job_id, attempt))

    while len(db.jobs(EXPERIMENT, "complete")) < jobs:
        for lost in db.expired(EXPERIMENT):
            old = {"status": "pending", "attempt": lost["attempt"]}
            db.update(EXPERIMENT, lost["id"], **old, changes={"status": "new"})
        for job in db.jobs(EXPERIMENT, "new"):
            dies = rng.random() < 0.4
            claimed = db.claim(EXPERIMENT, job["id"], f"w{number}", -1.0 if dies else 600.0)
            if claimed is None:
                continue
            if dies:
                late.append((claimed["id"], claimed["attempt"]))
            else:
                db.beat(EXPERIMENT, claimed["id"], claimed["attempt"], 600.0)
                store(claimed["id"], claimed["attempt"])
            break
        if late and rng.random() < 0.5:
            store(*late.pop(rng.randrange(len(late))))
    for job_id, attempt in late:
        store(job_id, attempt)
    return stored
