"""What other processes do to a store in these tests; top-level functions, so that they can be sent.

Each takes the store's place, a barrier at which all begin, and its number; and returns what the
test looks at.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import traceback
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

from spearmint.database import Database, connect

PROCESSES = 8
NAME = "race-1.2"


class Place(NamedTuple):
    address: str
    name: str = "spearmint"

    def open(self) -> Database:
        return connect(self.address, self.name)


def at_once(work: Callable[..., Any], place: Place, *arguments: Any) -> list[Any]:
    """What ``work`` returned in each of the processes, which all began together."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    barrier = context.Barrier(PROCESSES)
    answers = context.SimpleQueue()
    children = [
        context.Process(target=_child, args=(work, place, barrier, number, answers, arguments))
        for number in range(PROCESSES)
    ]
    for child in children:
        child.start()
    results = [answers.get() for _ in children]
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    faults = [result for _, result in results if isinstance(result, BaseException)]
    assert not faults, faults
    return [result for _, result in sorted(results, key=lambda pair: pair[0])]


def _child(
    work: Callable[..., Any],
    place: Place,
    barrier: Barrier,
    number: int,
    answers: Any,
    arguments: tuple[Any, ...],
) -> None:
    try:
        with place.open() as database:
            barrier.wait(60)
            answers.put((number, work(database, number, *arguments)))
    except BaseException as error:
        traceback.print_exc()
        barrier.abort()
        answers.put((number, RuntimeError(f"{type(error).__name__}: {error}")))


def add(db: Database, number: int, count: int) -> list[int]:
    return [db.add_job(NAME, {"writer": number, "n": n}) for n in range(count)]


def claim(db: Database, number: int, jobs: int) -> list[int]:
    order = list(range(1, jobs + 1))
    random.Random(number).shuffle(order)
    return [job_id for job_id in order if db.claim(NAME, job_id, f"w{number}", 60.0)]


def write_own_field(db: Database, number: int, count: int) -> int:
    """Everybody changes the same pending job, each a field of its own."""
    done = 0
    for n in range(1, count + 1):
        done += db.update(NAME, 1, status="pending", attempt=1, changes={f"field {number}": n})
        db.beat(NAME, 1, 1, 60.0 + n)
    return done


def finish(db: Database, number: int, jobs: int) -> list[int]:
    changes = {"status": "complete", "values": {"error": float(number)}}
    return [
        job_id
        for job_id in range(1, jobs + 1)
        if db.update(NAME, job_id, status="pending", attempt=1, changes=changes)
    ]


def save_hypers(db: Database, number: int, count: int) -> bool:
    for n in range(count):
        db.save_hypers(NAME, {"writer": number, "n": n, "twice": [number, n]})
    return True


def live(db: Database, number: int, jobs: int) -> list[tuple[int, int]]:
    """A worker that dies often, comes back as a zombie, and puts back what others left.

    Returns:
        (job, attempt) of each result that the store took.
    """
    rng = random.Random(number)
    zombies: list[tuple[int, int]] = []
    stored: list[tuple[int, int]] = []

    def store(job_id: int, attempt: int) -> None:
        values = {"by": number, "attempt": attempt}
        changes = {"status": "complete", "values": values, "end time": 1.0}
        if db.update(NAME, job_id, status="pending", attempt=attempt, changes=changes):
            stored.append((job_id, attempt))

    while len(db.jobs(NAME, "complete")) < jobs:
        for late in db.expired(NAME):
            old = {"status": "pending", "attempt": late["attempt"]}
            db.update(NAME, late["id"], **old, changes={"status": "new"})
        for job in db.jobs(NAME, "new"):
            dies = rng.random() < 0.4
            held = db.claim(NAME, job["id"], f"w{number}", -1.0 if dies else 600.0)
            if held is None:
                continue
            if dies:
                zombies.append((held["id"], held["attempt"]))
            else:
                db.beat(NAME, held["id"], held["attempt"], 600.0)
                store(held["id"], held["attempt"])
            break
        if zombies and rng.random() < 0.5:
            store(*zombies.pop(rng.randrange(len(zombies))))
    for zombie in zombies:
        store(*zombie)
    return stored


def write_until_killed(address: str, rollback_journal: bool) -> None:
    """Says on standard output what the store has acknowledged, one line each."""
    if rollback_journal:
        import spearmint.database.sqlite_file as module

        module.network_file_system = lambda _: "nfs"  # type: ignore[assignment]
    with connect(address) as db:
        out = sys.stdout.fileno()
        while True:
            job_id = db.add_job(NAME, {"text": "x" * 20_000})
            os.write(out, f"add {job_id}\n".encode())
            db.claim(NAME, job_id, "w", 60.0)
            os.write(out, f"claim {job_id}\n".encode())
            db.update(
                NAME, job_id, status="pending", attempt=1, changes={"status": "complete", "n": 1}
            )
            os.write(out, f"complete {job_id}\n".encode())


if __name__ == "__main__":
    write_until_killed(sys.argv[1], sys.argv[2] == "rollback")
