"""Writes whose answers are lost, or that reach a server that is away."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from spearmint.database import Database, DatabaseUnavailableError, connect
from tests.servers.proxy import Proxy

E = "hyperpower-20260102-030405"
COMPLETE = {"status": "complete", "values": {"error": 1.0}}
pytestmark = pytest.mark.server


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def database(proxy: Proxy, name: str) -> Iterator[Database]:
    address = f"mongodb://{proxy.address}/?serverSelectionTimeoutMS=1500"
    with connect(address, name) as found:
        yield found


def test_lost_answers(proxy: Proxy, database: Database) -> None:
    """A write whose answer is lost is carried out once."""
    db = database
    proxy.lose = b"insert"
    assert db.add_job(E, {"n": 1}) == 1
    assert len(db.jobs(E)) == 1
    proxy.lose = b"findAndModify"
    job = db.claim(E, 1, "w", 60.0)
    assert job is not None
    assert job == db.job(E, 1)
    assert job["attempt"] == 1
    assert db.claim(E, 1, "w", 60.0) is None
    proxy.lose = b"lease"
    assert db.beat(E, 1, 1, 60.0) is True
    proxy.lose = b"values"
    assert db.update(E, 1, status="pending", attempt=1, changes=COMPLETE) is True
    assert db.update(E, 1, status="pending", attempt=1, changes=COMPLETE) is False
    proxy.lose = b"mean"
    db.save_hypers(E, {"mean": 1})
    assert db.hypers(E) == {"mean": 1}
    proxy.lose = b"find"
    assert len(db.jobs(E)) == 1
    proxy.lose = b"drop"
    db.drop(E)
    assert db.experiments() == []
    assert proxy.lost == 7


def responds(database: Database) -> bool:
    try:
        database.jobs(E)
    except DatabaseUnavailableError:  # it takes as long as the address says
        return False
    return True


def lose_and_go_away(
    proxy: Proxy, database: Database, word: bytes, call: Callable[[], Any]
) -> None:
    """Makes a call that is carried out, but whose answer is lost: then the server is away."""
    proxy.lose, proxy.is_away_after_loss = word, True
    with pytest.raises(DatabaseUnavailableError):
        call()
    assert not proxy.lose
    with pytest.raises(DatabaseUnavailableError):
        call()  # still away
    proxy.come_back()
    while not responds(database):
        pass


def test_call_that_is_repeated_when_the_server_is_back(proxy: Proxy, database: Database) -> None:
    """Its write was carried out before the server went away, which the call finds out."""
    db = database

    def add() -> int:
        return db.add_job(E, {"n": 1})

    def claim(worker: str = "w") -> Any:
        return db.claim(E, 1, worker, 60.0)

    def store() -> bool:
        return db.update(E, 1, status="pending", attempt=1, changes=COMPLETE)

    lose_and_go_away(proxy, db, b"insert", add)
    assert add() == 1
    assert add() == 2, "only the call that failed is repeated"
    lose_and_go_away(proxy, db, b"findAndModify", claim)
    assert claim("another") is None
    found = claim()
    assert found["worker"] == "w"
    assert claim() is None
    lose_and_go_away(proxy, db, b"values", store)
    assert store() is True
    assert store() is False
    job = db.job(E, 1)
    assert job is not None
    assert (job["status"], job["attempt"], job["values"]) == ("complete", 1, {"error": 1.0})


def test_repeated_call_for_what_another_has_taken_meanwhile(
    proxy: Proxy, database: Database, mongo_address: str, name: str
) -> None:
    db = database
    db.add_job(E, {})
    lose_and_go_away(proxy, db, b"findAndModify", lambda: db.claim(E, 1, "w", 60.0))
    with connect(mongo_address, name) as other:
        assert other.update(E, 1, status="pending", attempt=1, changes={"status": "new"})
        taken = other.claim(E, 1, "another", 60.0)
        assert taken is not None
        assert taken["attempt"] == 2
        assert db.claim(E, 1, "w", 60.0) is None
        lose_and_go_away(
            proxy,
            db,
            b"values",
            lambda: db.update(E, 1, status="pending", attempt=2, changes=COMPLETE),
        )
        other_changes = {"status": "broken"}
        assert not db.update(E, 1, status="pending", attempt=2, changes=other_changes)
        assert [job["status"] for job in other.jobs(E)] == ["complete"]


def test_next_job_that_was_stored_before_the_server_went_away(
    proxy: Proxy, database: Database
) -> None:
    db = database

    def add(job_id: int) -> bool:
        return db.add_next_job(E, {"n": 1}, job_id)

    lose_and_go_away(proxy, db, b"insert", lambda: add(1))
    assert add(1) is True
    assert add(1) is False
    assert len(db.jobs(E)) == 1
