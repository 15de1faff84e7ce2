"""What is special about MongoDatabase; test_conformance.py has its contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymongo
import pytest

from spearmint.database import DatabaseError, connect
from spearmint.testing.databases.documents import packed

E = "hyperpower-20260102-030405"
pytestmark = pytest.mark.server


@pytest.fixture
def raw(mongo_address: str) -> Iterator[Any]:
    """The database `spearmint` of the server, without this tool."""
    with pymongo.MongoClient(mongo_address) as client:
        client.drop_database("spearmint")
        yield client["spearmint"]
        client.drop_database("spearmint")


def test_a_brief_job_that_has_not_changed_is_the_same_object(mongo_address: str, raw: Any) -> None:
    with connect(mongo_address) as db:
        for _ in range(2):
            db.add_job(E, {"measurements": {"power": 1.0}})
        before = db.brief_jobs(E)
        db.claim(E, 2, "w", 60.0)
        after = db.brief_jobs(E)
        assert after[0] is before[0]
        assert (before[1]["status"], after[1]["status"]) == ("new", "pending")
        db.drop(E)
        db.add_job(E, {"x": 1})
        assert [job["x"] for job in db.brief_jobs(E)] == [1]


def test_names_of_collections_and_fields(mongo_address: str, raw: Any) -> None:
    params = {"conv1": {"type": "int", "values": [12]}}
    with connect(mongo_address) as db:
        db.add_job(E, {"params": params})
        db.claim(E, 1, "w", 60.0)
        changes = {"status": "complete", "values": {"error": 1.5, "power": float("nan")}}
        db.update(E, 1, status="pending", attempt=1, changes=changes)
        db.save_hypers(E, {"error": {"mean": 1}})
    assert sorted(raw.list_collection_names()) == [f"{E}.hypers", f"{E}.jobs"]
    job = raw[f"{E}.jobs"].find_one({"id": 1, "status": "complete", "values.error": {"$lt": 2}})
    assert job["params"] == params
    assert raw[f"{E}.jobs"].index_information()["id_1"]["unique"]
    assert raw[f"{E}.hypers"].find_one()["error"] == {"mean": 1}


def test_documents_of_the_2018_tool(mongo_address: str, raw: Any) -> None:
    raw[f"{E}.jobs"].insert_many(
        [
            {
                "id": number,
                "params": {
                    "conv1": {"type": "int", "values": packed([12.0], [1])},
                    "lr": {"type": "float", "values": packed([0.5, 0.25], [2])},
                    "act": {"type": "enum", "values": ["relu"]},
                },
                "status": status,
                "values": {"error": 12.5} if status == "complete" else None,
                "proc_id": 7,
            }
            for number, status in enumerate(["complete", "pending", "new"], start=1)
        ]
    )
    raw[f"{E}.hypers"].insert_one({"error": {"ls": packed([1.0, 2.0], [2]), "mean": 0.5}})
    with connect(mongo_address) as db:
        assert db.experiments() == [E]
        first, *_ = db.jobs(E)
        assert first["params"]["conv1"] == {"type": "int", "values": [12]}
        assert type(first["params"]["conv1"]["values"][0]) is int
        assert first["params"]["lr"]["values"] == [0.5, 0.25]
        assert (first["attempt"], first["lease"], first["values"]) == (0, None, {"error": 12.5})
        assert "_id" not in first
        assert db.hypers(E) == {"error": {"ls": [1.0, 2.0], "mean": 0.5}}
        # The run continues from there.
        assert [job["id"] for job in db.expired(E)] == [2]
        assert db.update(E, 2, status="pending", attempt=0, changes={"status": "new"})
        assert db.claim(E, 2, "w", 60.0)["attempt"] == 1
        assert db.claim(E, 3, "w", 60.0)["attempt"] == 1
        assert db.add_job(E, {}) == 4
        db.save_hypers(E, {"error": {"mean": 1.0}})
        assert db.hypers(E) == {"error": {"mean": 1.0}}


def test_doubled_ids_of_the_2018_tool_are_an_error(mongo_address: str, raw: Any) -> None:
    raw[f"{E}.jobs"].insert_many([{"id": 1, "status": "new"}, {"id": 1, "status": "new"}])
    with connect(mongo_address) as db, pytest.raises(DatabaseError) as caught:
        db.add_job(E, {})
    assert "\n" not in str(caught.value)
    assert mongo_address in str(caught.value)


def test_document_that_is_too_large(mongo_address: str, raw: Any) -> None:
    with connect(mongo_address) as db:
        db.add_job(E, {})
        with pytest.raises(DatabaseError, match="16 MB"):
            db.update(E, 1, status="new", attempt=0, changes={"x": "x" * 17_000_000})
        assert "x" not in db.job(E, 1)
