from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from spearmint.database import Database, connect, copying
from spearmint.database.__main__ import main
from spearmint.database.copying import copy, numbers
from spearmint.errors import UserError
from spearmint.testing.databases.documents import _documents, same
from spearmint.testing.databases.fixtures import Connect

E = "my.experiment $1"
PARAMS = {"a.b": {"type": "float", "values": [0.5]}, "$n": {"type": "int", "values": [3]}}


def fill(database: Database, count: int = 6) -> None:
    """Jobs of every state, with values that databases find difficult."""
    for number in range(1, count + 1):
        document = {"params": PARAMS, "submit time": 1.5, "x": [1, 1.0, True, None, -0.0, "é\0"]}
        assert database.add_job(E, document) == number
    for number in range(2, count + 1):
        database.claim(E, number, "host:1:2", -1.0 if number == 2 else 600.0)
    changes: dict[str, Any] = {"status": "complete", "values": {"main": math.nan, "p.q": 2.5}}
    change = partial(database.update, E, status="pending", attempt=1)
    assert change(3, changes=changes)
    assert change(4, changes={"status": "broken", "reason": "an é\x1b"})
    assert change(5, changes={"status": "new", "lost": 1})
    database.claim(E, 5, "host:1:3", 600.0)
    database.save_hypers(E, {"main": {"theta": [0.1, math.inf], "a.$": 1}})


@pytest.fixture(params=["sqlite to mongodb", "mongodb to sqlite", "sqlite to sqlite"])
def pair(request: Any, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    found: list[Database] = []
    for number, kind in enumerate(request.param.split(" to ")):
        if kind == "mongodb":
            opened: Connect = request.getfixturevalue("mongodb_database")
            found.append(opened())
        else:
            found.append(connect(f"sqlite:{tmp_path}/{number}.sqlite"))
    yield found[0], found[1]
    for one in found:
        one.close()


server = pytest.mark.server


@server
def test_copy_is_the_same_and_is_made_once(pair: tuple[Database, Database]) -> None:
    source, target = pair
    fill(source)
    found = copy(source, target, E)
    assert (found.added, found.same, found.running) == ([1, 2, 3, 4, 5, 6], 0, [5, 6])
    assert same(target.jobs(E), source.jobs(E))
    assert same(target.hypers(E), source.hypers(E))
    found = copy(source, target, E)
    assert (found.added, found.replaced, found.same) == ([], [], 6)
    # The copy can be continued.
    assert target.add_job(E, {"params": {}}) == 7
    assert [job["id"] for job in target.expired(E)] == [2]
    claimed = target.claim(E, 1, "w", 60.0)
    assert claimed is not None
    assert claimed["attempt"] == 1
    with pytest.raises(UserError, match="other data for jobs 1; --overwrite"):
        copy(source, target, E)


@server
def test_other_data_are_replaced_only_if_asked_for(pair: tuple[Database, Database]) -> None:
    source, target = pair
    fill(source)
    target.add_job(E, {"params": {}, "mine": 1})
    target.save_hypers(E, {"mine": 1})
    before = target.jobs(E)
    with pytest.raises(UserError) as caught:
        copy(source, target, E)
    assert str(caught.value) == (
        f"experiment {E}: the second database has other data for jobs 1 and the state of the "
        "model; --overwrite replaces them"
    )
    assert target.jobs(E) == before
    found = copy(source, target, E, overwrite=True)
    assert (found.replaced, found.added) == ([1], [2, 3, 4, 5, 6])
    assert same(target.jobs(E), source.jobs(E))
    assert same(target.hypers(E), source.hypers(E))


@given(_documents)
@settings(max_examples=30)
def test_any_document_between_files(document: Any) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(f"sqlite:{folder}/1.sqlite") as source,
        connect(f"sqlite:{folder}/2.sqlite") as target,
    ):
        source.add_job(E, {"params": {}, "measurements": document})
        copy(source, target, E)
        assert same(target.jobs(E), source.jobs(E))


def test_job_of_a_wrong_form_is_named(tmp_path: Path) -> None:
    with connect(f"sqlite:{tmp_path}/1.sqlite") as source:
        source.add_job(E, {"params": 5})
        with connect(f"sqlite:{tmp_path}/2.sqlite") as target:
            with pytest.raises(UserError, match=r"job 1: params: got 5"):
                copy(source, target, E)
            assert target.experiments() == []


def test_copy_that_was_killed_continues(tmp_path: Path) -> None:
    addresses = [f"sqlite:{tmp_path}/{number}.sqlite" for number in (1, 2)]
    with connect(addresses[0]) as source:
        job: dict[str, Any] = {"params": PARAMS, "status": "new", "attempt": 0, "lease": None}
        source.restore(E, [{"id": number, **job} for number in range(1, 3001)])
    command = [sys.executable, "-m", "spearmint.database", "copy", *addresses]
    with connect(addresses[1]) as target:
        for _ in range(3):
            before = len(target.jobs(E))
            with subprocess.Popen(command) as child:
                while len(target.jobs(E)) == before and child.poll() is None:
                    time.sleep(0.001)
                child.kill()
            ids = [job["id"] for job in target.jobs(E)]
            assert ids == list(range(1, len(ids) + 1)), "a prefix of the jobs"
        assert subprocess.run(command, check=False).returncode == 0
        with connect(addresses[0]) as source:
            assert same(target.jobs(E), source.jobs(E))


def test_command_line(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (f"sqlite:{tmp_path}/{number}.sqlite" for number in (1, 2))
    with connect(one) as source:
        fill(source)
        source.add_job("other", {"params": {}})
    assert main(["copy", one, two, "--experiment", E]) == 0
    text = capsys.readouterr().out
    assert f"{E}: copied: 6 jobs (1, 2, 3, 4, 5, 6)" in text
    assert f"{E}: jobs 5, 6 are running" in text
    monkeypatch.setenv("WHERE", two)
    assert main(["copy", one, "env:WHERE"]) == 0
    assert f"{E}: 6 jobs were there already" in capsys.readouterr().out
    with connect(two) as target:
        assert target.experiments() == [E, "other"]
        target.claim("other", 1, "w", 60.0)
    assert main(["copy", one, two]) == 2
    assert "other data for jobs 1" in capsys.readouterr().out
    assert main(["copy", one, two, "--overwrite"]) == 0
    assert "other: replaced: 1 jobs (1)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sqlite:missing.sqlite", "sqlite:two.sqlite"], "missing.sqlite: does not exist"),
        (["env:NO_SUCH", "sqlite:two.sqlite"], "NO_SUCH is not set"),
        (["sqlite:empty.sqlite", "sqlite:two.sqlite"], "has no experiments"),
        (
            ["sqlite:empty.sqlite", "sqlite:two.sqlite", "--experiment", "e\x1b"],
            r"experiment e\x1b: is not in the first database",
        ),
        (["joe:PW@host", "sqlite:two.sqlite"], "joe:***@host"),
    ],
)
def test_faults_are_one_line(
    words: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    connect("sqlite:empty.sqlite").close()
    assert main(["copy", *words]) == 2
    output = capsys.readouterr()
    text = output.out + output.err
    assert expected in text
    assert text.count("\n") == 1
    assert not (tmp_path / "missing.sqlite").exists()


def test_numbers_in_a_sentence() -> None:
    assert numbers([1, 2]) == "1, 2"
    assert numbers(range(1, 14)) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 3 more"
    assert copying.BATCH > 1
