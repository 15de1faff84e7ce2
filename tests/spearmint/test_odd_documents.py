"""A document of a job that was changed by hand, or that another program wrote."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pymongo
import pytest

from spearmint import processes

#: Jobs as a search stores them: one complete, one new.
JOBS: list[dict[str, Any]] = [
    {
        "params": {"x": {"type": "float", "values": [number / 4]}},
        "resource": "Main",
        "tasks": ["main"],
        "submit time": 1.0,
    }
    for number in (1, 2)
]
ODD: list[tuple[str, Any]] = [
    ("values", "good"),
    ("params", {"x": {"type": "float", "values": "0.5"}}),
    ("tasks", 5),
    ("end time", "\x1b[31mnow\nforged line"),
]
#: SQLite keeps these in columns, which somebody may fill with a text all the same.
COLUMNS: list[tuple[str, Any]] = [("attempt", "x"), ("lease", "soon")]
ONLY_MONGODB: list[tuple[str, Any]] = [*COLUMNS, ("status", None), ("status", "done"), ("id", "2")]


def prepare(one: Any) -> None:
    with one.store as store:
        for job in JOBS:
            store.add_job("test", job)
        store.claim("test", 2, "w", 600.0)
        changes = {"status": "complete", "values": {"main": 1.0}}
        store.update("test", 2, status="pending", attempt=1, changes=changes)


def check(text: str, field: str) -> None:
    (line,) = [line for line in text.splitlines() if f": {field}: got " in line]
    assert "experiment test: job 2: " in line or field == "id"
    assert "\x1b" not in text
    assert "forged line" not in text.splitlines()


@pytest.mark.parametrize(("field", "value"), [*ODD, *COLUMNS])
def test_in_sqlite(experiment: Any, field: str, value: Any) -> None:
    one = experiment()
    prepare(one)
    with closing(sqlite3.connect(one.folder / "jobs.sqlite")) as connection:
        sql = "SELECT document FROM jobs WHERE id = 2"
        document = json.loads(connection.execute(sql).fetchone()[0]) | {field: value}
        connection.execute("UPDATE jobs SET document = ? WHERE id = 2", [json.dumps(document)])
        if field in dict(COLUMNS):
            connection.execute(f"UPDATE jobs SET {field} = ? WHERE id = 2", [value])
        connection.commit()
    check(one.run(status=2), field)


@pytest.mark.server
@pytest.mark.parametrize(("field", "value"), [*ODD, *ONLY_MONGODB])
def test_in_mongodb(experiment: Any, mongo_address: str, field: str, value: Any) -> None:
    one = experiment(database={"address": mongo_address, "name": "odd-documents"})
    with pymongo.MongoClient(mongo_address) as client:
        client.drop_database("odd-documents")
        prepare(one)
        client["odd-documents"]["test.jobs"].update_one({"id": 2}, {"$set": {field: value}})
        check(one.run(status=2), field)
        client.drop_database("odd-documents")


def test_worker_with_odd_digits_is_nobody(experiment: Any) -> None:
    one = experiment(max_finished_jobs=1)
    with one.store as store:
        store.add_job("test", JOBS[0])
        store.claim("test", 1, f"{processes.host()}:²:1", -1.0)
    one.run()
    assert one.jobs()[0]["status"] == "complete"
