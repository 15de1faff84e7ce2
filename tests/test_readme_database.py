"""The README's queries, run on a small database whose answers are known."""

from __future__ import annotations

import math
import os
import re
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from spearmint.database import Database, connect
from tests.servers import mongo

README = Path(__file__).resolve().parents[1] / "README.md"
HEADING = "## The database by example"
RUN, EARLIER = "hyperpower-20260102-030405", "hyperpower-20260101-120000"
MARK = "@@@@"


class Query(NamedTuple):
    code: str
    documented: str


def queries(language: str) -> list[Query]:
    """The blocks of a language, each with the ```text block that follows it, if one does."""
    _, found, rest = README.read_text(encoding="utf-8").partition(f"\n{HEADING}\n")
    assert found, f"{README} has no section {HEADING!r}"
    section = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
    result = []
    for (kind, code), (following, output) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == language:
            result.append(Query(code, output if following == "text" else ""))
    assert len(result) >= 6
    return result


def fill(db: Database) -> None:
    """Six jobs of a search for the lowest error below 85 W, and an earlier run of one job."""
    outcomes: list[tuple[int, str, float | None, float | None, float, float]] = [
        (12, "elu", 9.25, 80.5, 0.5, 60.0),
        (18, "relu", math.nan, 97.5, 0.75, 5.0),
        (16, "relu", 6.5, 84.25, 0.5, 75.0),
        (10, "elu", None, None, 0.0, 1.0),
        (14, "elu", 7.75, 72.0, 0.25, 45.0),
        (15, "elu", None, None, 0.0, 0.0),
    ]
    for number, (conv, act, error, watts, spread, seconds) in enumerate(outcomes, start=1):
        params = {
            "conv": {"type": "int", "values": [conv]},
            "act": {"type": "enum", "values": [act]},
        }
        db.add_job(RUN, {"params": params, "tasks": ["error", "power"]})
        if number == 6:
            continue
        claimed = db.claim(RUN, number, "worker", 60.0)
        assert claimed is not None
        changes: dict[str, Any] = {"status": "complete"}
        if error is None or watts is None:
            fault = "keras_model/network_def.py:12: the script leaves no `model`"
            changes = {"status": "broken", "reason": f"NetworkError: {fault}"}
        else:
            power = {"value": watts, "unit": "W", "std_error": spread, "source": "nvml power.draw"}
            changes["values"] = {"error": error, "power": 85.0 - watts}
            changes["measurements"] = {
                "hyperparameters": {"conv": 2 * conv, "act": act},
                "metrics": {"power": power},
            }
        if number == 2:
            changes["reason"] = "rejected before training: power 97.5 W is over the budget of 85 W"
        start = 1_767_323_045.0 + 100 * number  # whole seconds: their difference is exact
        changes |= {"start time": start, "end time": start + seconds}
        assert db.update(RUN, number, status="pending", attempt=1, changes=changes)
    hypers = {"error": {"mean": 7.5, "noise": 0.01}, "power": {"mean": -1.25, "noise": 0.001}}
    db.save_hypers(RUN, hypers)
    db.add_job(EARLIER, {"params": {}})
    db.save_hypers(EARLIER, {})


def cells(text: str) -> list[list[str]]:
    """A table's cells: what two or more spaces part. Widths differ between versions."""
    lines = [line for line in text.splitlines() if line.strip() and set(line) - set("- ")]
    return [re.split(r" {2,}", line.strip()) for line in lines]


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
            assert table == cells(query.documented), query.code


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
        assert cells(printed) == cells(query.documented), query.code


@pytest.fixture
def mongodb_url(mongo_address: str) -> Iterator[str]:
    name = f"readme-{uuid.uuid4().hex[:12]}"
    with connect(mongo_address, name) as db:
        fill(db)
        yield f"mongodb://{mongo_address}/{name}"
        for experiment in db.experiments():
            db.drop(experiment)


@pytest.mark.server
def test_js_with_mongosh(mongodb_url: str) -> None:
    # Beside the tests' own mongosh lies a node for it, where the system's is too old.
    programs = f"{os.environ['PATH']}{os.pathsep}{mongo.MONGOSH.parent}"
    shell = shutil.which("mongosh", path=programs)
    if shell is None:
        if mongo.required():
            pytest.fail("no mongosh: run tests/servers/install.sh")
        pytest.skip("no mongosh: run tests/servers/install.sh")
    done = subprocess.run(
        [shell, "--quiet", mongodb_url],
        env=os.environ | {"PATH": f"{Path(shell).parent}{os.pathsep}{os.environ['PATH']}"},
        input=f"print('{MARK}')\n".join(query.code for query in queries("js")),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    # As in the shell: its prompts stand before what it prints.
    name = mongodb_url.rpartition("/")[2]
    printed = re.sub(rf"^(({re.escape(name)}> )|(\.\.\. ))*", "", done.stdout, flags=re.MULTILINE)
    for query, output in zip(queries("js"), printed.split(MARK), strict=True):
        assert output.split() == query.documented.split(), query.code
