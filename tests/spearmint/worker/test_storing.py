from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from spearmint import lifecycle
from spearmint.database import Database, DatabaseError, DatabaseUnavailableError
from spearmint.worker import storing
from spearmint.worker.storing import store
from tests.spearmint.database.conftest import (  # noqa: F401 - fixtures
    mongodb_database,
    sqlite_database,
)

DEEP: Any = 1
for _ in range(900):
    DEEP = {"a": DEEP}


@pytest.fixture(
    params=["sqlite_database", pytest.param("mongodb_database", marks=pytest.mark.server)]
)
def kind(request: Any) -> Any:
    with request.getfixturevalue(request.param)() as database:
        database.add_job("e", {})
        database.claim("e", 1, "w", 60.0)
        yield database


def update(database: Database, changes: Mapping[str, Any]) -> bool:
    return database.update("e", 1, status="pending", attempt=1, changes=changes)


def stored(database: Database, changes: Mapping[str, Any]) -> dict[str, Any]:
    assert store(lambda reduced: update(database, reduced), changes)
    job = database.job("e", 1)
    assert job is not None
    return job


@pytest.mark.parametrize("measurements", [DEEP, {"a": [[DEEP]]}])
def test_measurements_that_are_nested_too_deep(kind: Database, measurements: Any) -> None:
    job = stored(kind, lifecycle.complete({"main": 0.25}, measurements, "noisy"))
    assert (job["status"], job["values"]) == ("complete", {"main": 0.25})
    assert "measurements" not in job
    assert job["reason"].startswith("noisy; its measurements were not stored: ")
    assert "90 levels" in job["reason"]


@pytest.mark.server
def test_measurements_that_are_too_large(mongodb_database: Any) -> None:  # noqa: F811
    with mongodb_database() as database:
        database.add_job("e", {})
        database.claim("e", 1, "w", 60.0)
        job = stored(database, lifecycle.complete({"main": 0.5}, {"x": "x" * 17_000_000}, None))
        assert job["values"] == {"main": 0.5}
        assert job["reason"].startswith("its measurements were not stored: ")
        assert "16 MB" in job["reason"]


def test_reason_of_many_megabytes_is_shortened(kind: Database) -> None:
    job = stored(kind, lifecycle.broken("ValueError: " + "x" * 17_000_000 + "!"))
    assert len(job["reason"]) <= 1000
    assert job["reason"].startswith("ValueError: xxx")
    assert job["reason"].endswith("x!")


def test_refusal_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([DatabaseError("no"), DatabaseError("no"), DatabaseUnavailableError("away")])
    made = []

    def refuse_at_first(changes: Mapping[str, Any]) -> bool:
        made.append(dict(changes))
        for error in answers:
            raise error
        return True

    assert store(refuse_at_first, {"values": {"main": 1.0}, "measurements": {"m": 1}})
    assert made[-1] == {"values": {"main": 1.0}, "measurements": {"m": 1}}


def test_refusal_that_lasts(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(storing, "REFUSAL_PATIENCE_S", 0.1)

    def refuse(_: Mapping[str, Any]) -> bool:
        raise DatabaseError("this user may not write")

    with pytest.raises(DatabaseError, match="this user may not write"):
        store(refuse, {"values": {"main": 0.125}})
    assert "0.125" in capsys.readouterr().out
