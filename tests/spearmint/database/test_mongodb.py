"""What is special about the MongoDB store: the server, the connection, the original's documents."""

from __future__ import annotations

import base64
import contextlib
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest
from pymongo.errors import OperationFailure

from spearmint.database import DatabaseError, DatabaseUnavailableError, connect
from spearmint.database.mongo_server import MongoServer
from tests.servers import mongo

E = "hyperpower-20260102-030405"
pytestmark = pytest.mark.server


@pytest.fixture
def raw(mongo_address: str) -> Iterator[Any]:
    """The server's database of the original tool's name, by the driver alone."""
    with pymongo.MongoClient(mongo_address) as client:
        client.drop_database("spearmint")
        yield client["spearmint"]
        client.drop_database("spearmint")


def test_documents_lie_where_the_contract_says(mongo_address: str, raw: Any) -> None:
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


def packed(*numbers: float) -> dict[str, Any]:
    data = zlib.compress(struct.pack(f"<{len(numbers)}d", *numbers))
    value = base64.b64encode(data).decode()
    return {"ctype": "compressed array", "shape": [len(numbers)], "value": value}


def test_the_originals_documents(mongo_address: str, raw: Any) -> None:
    raw[f"{E}.jobs"].insert_many(
        [
            {
                "id": number,
                "params": {
                    "conv1": {"type": "int", "values": packed(12.0)},
                    "lr": {"type": "float", "values": packed(0.5, 0.25)},
                    "act": {"type": "enum", "values": ["relu"]},
                },
                "status": status,
                "values": {"error": 12.5} if status == "complete" else None,
                "proc_id": 7,
            }
            for number, status in enumerate(["complete", "pending", "new"], start=1)
        ]
    )
    raw[f"{E}.hypers"].insert_one({"error": {"ls": packed(1.0, 2.0), "mean": 0.5}})
    with connect(mongo_address) as db:
        assert db.experiments() == [E]
        first, *_ = db.jobs(E)
        assert first["params"]["conv1"] == {"type": "int", "values": [12]}
        assert type(first["params"]["conv1"]["values"][0]) is int
        assert first["params"]["lr"]["values"] == [0.5, 0.25]
        assert (first["attempt"], first["lease"], first["values"]) == (0, None, {"error": 12.5})
        assert "_id" not in first
        assert db.hypers(E) == {"error": {"ls": [1.0, 2.0], "mean": 0.5}}
        # It goes on from there.
        assert [job["id"] for job in db.expired(E)] == [2]
        assert db.update(E, 2, status="pending", attempt=0, changes={"status": "new"})
        assert db.claim(E, 2, "w", 60.0)["attempt"] == 1
        assert db.claim(E, 3, "w", 60.0)["attempt"] == 1
        assert db.add_job(E, {}) == 4
        db.save_hypers(E, {"error": {"mean": 1.0}})
        assert db.hypers(E) == {"error": {"mean": 1.0}}


def test_the_originals_doubled_ids_are_told(mongo_address: str, raw: Any) -> None:
    raw[f"{E}.jobs"].insert_many([{"id": 1, "status": "new"}, {"id": 1, "status": "new"}])
    with connect(mongo_address) as db, pytest.raises(DatabaseError) as caught:
        db.add_job(E, {})
    assert "\n" not in str(caught.value)
    assert mongo_address in str(caught.value)


def test_too_large_a_document(mongo_address: str, raw: Any) -> None:
    with connect(mongo_address) as db:
        db.add_job(E, {})
        with pytest.raises(DatabaseError, match="16 MB"):
            db.update(E, 1, status="new", attempt=0, changes={"x": "x" * 17_000_000})
        assert "x" not in db.job(E, 1)


# --- no server, no entry


def test_nobody_listens() -> None:
    address = f"127.0.0.1:{mongo.free_port()}"
    with pytest.raises(DatabaseUnavailableError) as caught:
        connect(f"mongodb://{address}/?serverSelectionTimeoutMS=300")
    text = str(caught.value)
    assert "\n" not in text
    assert f"mongodb://{address}" in text
    assert "Connection refused" in text
    assert "sqlite:PATH" in text


def test_somebody_else_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as web_server:
        port = web_server.getsockname()[1]

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = web_server.accept()
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    peer.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(DatabaseUnavailableError) as caught:
            connect(f"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=1000")
        web_server.shutdown(socket.SHUT_RDWR)
    assert "\n" not in str(caught.value)


def test_passwords_are_not_shown() -> None:
    address = f"127.0.0.1:{mongo.free_port()}"
    with pytest.raises(DatabaseUnavailableError) as caught:
        connect(f"mongodb://me:secret@{address}/?serverSelectionTimeoutMS=300")
    assert f"mongodb://me:***@{address}" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "part"),
    [(18, "user and password"), (8000, "user and password"), (13, "role readWrite"), (1, "why")],
)
def test_refusals_are_one_line(mongo_address: str, code: int, part: str) -> None:
    """The test's server knows no passwords: the codes are those of MongoDB's manual."""
    server = MongoServer(mongo_address, "spearmint")

    def refuse(database: Any, again: bool) -> None:
        raise OperationFailure("why, full error: {'ok': 0}", code)

    with pytest.raises(DatabaseError) as caught:
        server.run(refuse)
    server.close()
    text = str(caught.value)
    assert "\n" not in text
    assert "full error" not in text
    assert mongo_address in text
    assert part in text


# --- broken connections


class CuttingProxy:
    """Passes bytes to the server, and loses the answer to the next request that holds a word."""

    def __init__(self, target: str) -> None:
        host, port = target.split(":")
        self.target = (host, int(port))
        self.lose: bytes | None = None
        self.lost = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        # One request, one answer at a time: so the driver speaks on a connection.
        with client, socket.create_connection(self.target) as server, contextlib.suppress(OSError):
            while request := self._message(client):
                server.sendall(request)
                answer = self._message(server)
                if self.lose is not None and self.lose in request:
                    self.lose, self.lost = None, self.lost + 1
                    return
                client.sendall(answer)

    @staticmethod
    def _message(peer: socket.socket) -> bytes:
        data = b""
        while len(data) < 4 or len(data) < struct.unpack("<i", data[:4])[0]:
            part = peer.recv(65536)
            if not part:
                return b""
            data += part
        return data

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def proxy(mongo_address: str) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(mongo_address)
    yield proxy
    proxy.close()


def test_lost_answers(proxy: CuttingProxy, raw: Any) -> None:
    """The write was done, the answer never came: the call finds out, and does it once."""
    with connect(proxy.address) as db:
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
        changes = {"status": "complete", "values": {"error": 1.0}}
        assert db.update(E, 1, status="pending", attempt=1, changes=changes) is True
        assert db.update(E, 1, status="pending", attempt=1, changes=changes) is False
        proxy.lose = b"mean"
        db.save_hypers(E, {"mean": 1})
        assert db.hypers(E) == {"mean": 1}
        proxy.lose = b"find"
        assert len(db.jobs(E)) == 1
        proxy.lose = b"drop"
        db.drop(E)
        assert db.experiments() == []
    assert proxy.lost == 7


@pytest.mark.usefixtures("mongod")
def test_a_held_connection_outlives_a_restart_of_the_server(tmp_path: Path) -> None:
    with mongo.started(tmp_path) as server:
        address, port = f"mongodb://{server.address}/?serverSelectionTimeoutMS=500", server.port
        db = connect(address)
        db.add_job(E, {"n": 1})
        db.claim(E, 1, "w", 60.0)
    with pytest.raises(
        DatabaseUnavailableError, match="no MongoDB server that accepts writes responds"
    ):
        db.jobs(E)
    with mongo.started(tmp_path, port):
        assert db.jobs(E)[0]["status"] == "pending"
        assert db.add_job(E, {"n": 2}) == 2
        db.close()
