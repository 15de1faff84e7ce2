"""Candidates that were discarded before they became jobs, in every kind of database."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from spearmint.database import CheckedDatabase, Database, connect
from spearmint.database.copying import copy
from spearmint.testing.databases.fixtures import Connect

E = "my.experiment $1"
ONE: dict[str, Any] = {
    "job": 3,
    "place": 0,
    "params": {"a.b": {"type": "float", "values": [0.5]}, "$n": {"type": "int", "values": [3]}},
    "values": {"p.q": -2.5, "c": math.inf},
    "version": "params 1e3",
}
TWO = ONE | {"place": 1}


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.server)])
def database(request: Any) -> Iterator[Database]:
    opened: Connect = request.getfixturevalue(f"{request.param}_database")
    with CheckedDatabase(opened()) as found:
        yield found


def test_they_are_kept_apart_from_jobs(database: Database) -> None:
    assert database.discarded(E) == []
    database.add_discarded(E, ONE)
    database.add_discarded(E, TWO)
    assert sorted(database.discarded(E), key=lambda one: one["place"]) == [ONE, TWO]
    assert database.jobs(E) == database.brief_jobs(E) == []
    assert database.discarded("other") == []
    assert database.experiments() == []
    assert database.add_job(E, {"params": {}}) == 1


def test_they_are_dropped_with_the_experiment(database: Database) -> None:
    database.add_job(E, {"params": {}})
    database.add_discarded(E, ONE)
    database.add_discarded("other", ONE)
    database.drop(E)
    assert database.discarded(E) == []
    assert database.discarded("other") == [ONE]


def test_they_are_copied_once(database: Database, tmp_path: Path) -> None:
    database.add_job(E, {"params": {}})
    database.add_discarded(E, ONE)
    with connect(f"sqlite:{tmp_path}/copy.sqlite") as target:
        for _ in range(2):
            copy(database, target, E)
            assert target.discarded(E) == [ONE]


def test_a_file_without_them_has_no_table_for_them(path: Path) -> None:
    def tables() -> set[str]:
        with closing(sqlite3.connect(path)) as connection:
            query = "SELECT name FROM sqlite_master WHERE type = 'table'"
            return {name for (name,) in connection.execute(query)}

    with connect(f"sqlite:{path}") as database:
        database.add_job(E, {"params": {}})
        assert database.discarded(E) == []
        database.drop(E)
        assert tables() == {"jobs", "hypers"}
        database.add_discarded(E, ONE)
    assert tables() == {"jobs", "hypers", "discarded"}
