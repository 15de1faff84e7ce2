"""The connection to a server, and its errors."""

from __future__ import annotations

import contextlib
import socket
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from spearmint.database import DatabaseError, DatabaseUnavailableError, connect
from spearmint.database.mongo_server import MongoServer
from tests.servers import mongo
from tests.servers.proxy import Proxy

E = "hyperpower-20260102-030405"
pytestmark = pytest.mark.server


def test_no_server() -> None:
    address = f"127.0.0.1:{mongo.free_port()}"
    with pytest.raises(DatabaseUnavailableError) as caught:
        connect(f"mongodb://{address}/?serverSelectionTimeoutMS=300")
    text = str(caught.value)
    assert "\n" not in text
    assert f"mongodb://{address}" in text
    assert "Connection refused" in text
    assert "sqlite:PATH" in text


def test_server_of_another_kind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as web_server:
        port = web_server.getsockname()[1]

        def respond() -> None:
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = web_server.accept()
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    peer.close()

        threading.Thread(target=respond, daemon=True).start()
        with pytest.raises(DatabaseUnavailableError) as caught:
            connect(f"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=1000")
        web_server.shutdown(socket.SHUT_RDWR)
    assert "\n" not in str(caught.value)


def test_passwords_are_hidden() -> None:
    address = f"127.0.0.1:{mongo.free_port()}"
    with pytest.raises(DatabaseUnavailableError) as caught:
        connect(f"mongodb://me:secret@{address}/?serverSelectionTimeoutMS=300")
    assert f"mongodb://me:***@{address}" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "part"),
    [(18, "user and password"), (8000, "user and password"), (13, "role readWrite"), (1, "why")],
)
def test_refusal_is_one_line(mongo_address: str, code: int, part: str) -> None:
    """The server of the tests has no users; the codes are those of MongoDB's manual."""
    server = MongoServer(mongo_address, "spearmint")

    def refuse(database: Any) -> None:
        raise OperationFailure("why, full error: {'ok': 0}", code)

    with pytest.raises(DatabaseError) as caught:
        server.run(refuse)
    server.close()
    text = str(caught.value)
    assert "\n" not in text
    assert "full error" not in text
    assert mongo_address in text
    assert part in text


def test_silent_server_delays_calls_for_no_longer_than_their_limit(proxy: Proxy) -> None:
    """It takes requests and does not answer, as a server whose process is halted."""
    with connect(f"mongodb://{proxy.address}/?socketTimeoutMS=600000", uuid.uuid4().hex) as db:
        db.add_job(E, {"n": 1})
        proxy.be_silent()
        db.limit_calls(0.5)
        for call in (lambda: db.brief_jobs(E), lambda: db.claim(E, 1, "w", 60.0)):
            with pytest.raises(DatabaseUnavailableError):
                call()
        db.close()
        proxy.speak()
        db.limit_calls(120.0)
        assert [job["id"] for job in db.jobs(E)] == [1]


@pytest.mark.usefixtures("mongod")
def test_an_open_connection_survives_a_restart_of_the_server(tmp_path: Path) -> None:
    with mongo.started(tmp_path) as server:
        address, port = f"mongodb://{server.address}/?serverSelectionTimeoutMS=5000", server.port
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
