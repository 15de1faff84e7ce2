"""The two databases, as places for experiments."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.servers import mongo

SQLITE, MONGODB = "SQLite", "MongoDB"


class Places:
    """Gives addresses; the MongoDB server is started when it is first asked for.

    Args:
        folder: For the files of the databases.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = contextlib.ExitStack()
        self._server: mongo.MongoProcess | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Places:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def address(self, database: str, home: Path) -> str:
        """The address for an experiment: a file of its own, or the server of all."""
        if database == SQLITE:
            return f"sqlite:{home}.sqlite"
        with self._lock:
            if self._server is None:
                files = Path(tempfile.mkdtemp(prefix="mongod-", dir=self.folder))
                self._server = self._stack.enter_context(mongo.started(files))
        return self._server.address


def available() -> tuple[list[str], str | None]:
    """The databases that this machine has, and why it has not both.

    Raises:
        RuntimeError: A database is missing, and required (CI).
    """
    why = mongo.missing()
    if why is None:
        return [SQLITE, MONGODB], None
    if mongo.required():
        raise RuntimeError(why)
    return [SQLITE], why


@contextlib.contextmanager
def restartable(folder: Path) -> Iterator[Restartable]:
    """A server for one trial."""
    folder.mkdir(parents=True)
    server = Restartable(folder)
    try:
        yield server
    finally:
        server.stop()


class Restartable:
    """A MongoDB server that is stopped, and started again with its files and port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = mongo.MongoProcess(folder)
        self._runs = True
        self.address = self._process.address

    def stop(self) -> None:
        if self._runs:
            self._process.stop()
            self._runs = False

    def start(self) -> None:
        if not self._runs:
            self._process = mongo.MongoProcess(self._folder, self._process.port)
            self._runs = True
