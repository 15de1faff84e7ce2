"""Databases with thousands of finished jobs, without running them."""

from __future__ import annotations

import random
import sqlite3
from typing import Any

from spearmint.database import connect, is_sqlite, sqlite_path


def fill(address: str, name: str, experiment: str, count: int) -> None:
    """Stores finished jobs: the first as a worker does, the others as copies with other values."""
    with connect(address, name) as store:
        store.add_job(experiment, _job(0.5, 0.5))
        claimed = store.claim(experiment, 1, "nobody:1:1", 60.0)
        assert claimed is not None
        changes = {"status": "complete", "values": {"main": 0.75}, "end time": 1.0}
        assert store.update(experiment, 1, status="pending", attempt=1, changes=changes)
    if is_sqlite(address):
        _copy_rows(sqlite_path(address), experiment, count)
    else:
        _copy_documents(address, name, experiment, count)


def _job(x: float, y: float) -> dict[str, Any]:
    return {
        "params": _params(x, y),
        "submit time": 0.5,
        "resource": "Main",
        "tasks": ["main"],
        "language": "PYTHON",
    }


def _params(x: float, y: float) -> dict[str, Any]:
    return {name: {"type": "float", "values": [value]} for name, value in (("x", x), ("y", y))}


def _copy_rows(path: str, experiment: str, count: int) -> None:
    """All columns as in the first row, except those that tell jobs apart."""
    with sqlite3.connect(path) as file:
        columns = [row[1] for row in file.execute("PRAGMA table_info(jobs)")]
        new = {
            "id": "n",
            "document": "json_set(document, '$.id', n, '$.params.x.values[0]', x, "
            "'$.params.y.values[0]', y, '$.values.main', x * x + y)",
        }
        file.execute("CREATE TEMP TABLE points (n INTEGER, x REAL, y REAL)")
        rng = random.Random(0)
        points = ((n, rng.random(), rng.random()) for n in range(2, count + 1))
        file.executemany("INSERT INTO points VALUES (?, ?, ?)", points)
        file.execute(
            f"INSERT INTO jobs ({', '.join(columns)}) "
            f"SELECT {', '.join(new.get(column, column) for column in columns)} "
            "FROM jobs, points WHERE experiment = ? AND id = 1",
            (experiment,),
        )
    file.close()


def _copy_documents(address: str, name: str, experiment: str, count: int) -> None:
    import pymongo

    with pymongo.MongoClient(address) as client:
        jobs = client[name][f"{experiment}.jobs"]
        first = jobs.find_one({"id": 1})
        rng = random.Random(0)
        copies = []
        for number in range(2, count + 1):
            x, y = rng.random(), rng.random()
            fields = {"id": number, "params": _params(x, y), "values": {"main": x * x + y}}
            copies.append({k: v for k, v in (first | fields).items() if k != "_id"})
        jobs.insert_many(copies)
