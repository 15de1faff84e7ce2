"""The SQL of docs/results.md, run on a small database whose answers are known."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from spearmint.database import connect
from tests.docs.results_database import MARK, cells, fill, queries
from tests.servers import mongo


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    path = tmp_path / "spearmint.sqlite"
    with connect(f"sqlite:{path}") as db:
        fill(db)
    return path


def test_sql_with_pythons_sqlite(sqlite_file: Path) -> None:
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as connection:
        for query in queries("sql"):
            table: list[list[str]] = []
            for statement in query.code.split(";\n"):
                cursor = connection.execute(statement)
                if cursor.description:
                    table = [[column[0] for column in cursor.description]]
                    table += [[str(value) for value in row] for row in cursor]
            assert table == cells(query.output), query.code


def test_sql_with_the_sqlite3_shell(sqlite_file: Path) -> None:
    shell = shutil.which("sqlite3")
    if shell is None:
        if mongo.required():
            pytest.fail("no sqlite3 on PATH: run tests/servers/install.sh")
        pytest.skip("no sqlite3 on PATH")
    script = f"\n.print {MARK}\n".join(query.code for query in queries("sql"))
    done = subprocess.run(
        [shell, "-bail", "-header", "-column", sqlite_file],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    for query, printed in zip(queries("sql"), done.stdout.split(MARK), strict=True):
        assert cells(printed) == cells(query.output), query.code
