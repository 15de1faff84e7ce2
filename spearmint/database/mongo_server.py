"""A MongoDB server: reached, asked again when a connection breaks, and its faults in words."""

from __future__ import annotations

import os
import re
import threading
import weakref
from collections.abc import Callable
from datetime import UTC
from typing import Any, TypeVar

import pymongo
import pymongo.errors
from bson.errors import BSONError
from pymongo.uri_parser import parse_uri

from spearmint.database.contract import DatabaseError, DatabaseUnavailable
from spearmint.errors import UserError

T = TypeVar("T")

#: What the address does not say itself, in milliseconds.
TIMEOUTS_MS = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 30_000,
}
#: Acknowledged means on the disks of most of the servers; what is read is what was acknowledged.
SAFE: dict[str, Any] = {
    "w": "majority",
    "journal": True,
    "readPreference": "primary",
    "appname": "hyperpower",
}
#: How often a call is tried; each but the first after a connection broke.
TRIES = 3

_NO_SUCH_COMMAND = 59
_NOT_AUTHENTICATED = (18, 8000)
_NOT_AUTHORISED = 13
_DISK_FULL = 14031


class MongoServer:
    """One database of a server, and this process's client of it.

    Args:
        address: `HOST`, `HOST:PORT` or an address of MongoDB's own form.
        database: Name of the database.

    Raises:
        DatabaseError: The server cannot be reached, or refuses.
        UserError: The address or the name is not well formed.
    """

    def __init__(self, address: str, database: str) -> None:
        self._uri = address if "://" in address else f"mongodb://{address}"
        shown = re.sub(r"(//[^:@/]*):.*@", r"\1:***@", address)  # no password in messages
        self.name = f"database {shown}"
        self._database = database
        self._lock = threading.Lock()
        self._client: Any = None
        self._hello = "hello"
        _instances.add(self)
        # Without credentials a guarded server answers a ping but not this.
        try:
            self.run(lambda database, _: database.list_collection_names())
        except BaseException:
            self.close()
            raise

    def run(self, body: Callable[[Any, bool], T]) -> T:
        """What `body` returns, called with the database, and whether this is another try.

        When a connection broke, nobody knows whether the last write was done: on another try the
        body must find out, or do what is the same done twice.

        Raises:
            DatabaseUnavailable: No server that takes writes answers, or its disk is full.
            DatabaseError: The server refuses.
        """
        for count in range(1, TRIES + 1):
            try:
                return body(self._connect()[self._database], count > 1)
            except pymongo.errors.ServerSelectionTimeoutError as error:
                raise self._unreachable(error) from error
            except pymongo.errors.ConnectionFailure as error:
                if count == TRIES:
                    raise self._unreachable(error) from error
            except pymongo.errors.InvalidName as error:
                raise UserError(f"database name: got {self._database!r}; {error}") from None
            except (pymongo.errors.PyMongoError, BSONError) as error:
                raise self._refused(error) from error
        raise AssertionError("the last try returns or raises")

    def now(self, database: Any) -> float:
        """The server's clock, seconds since the epoch to a millisecond.

        It is read before the write that uses it: a pause in between makes a lease end early, which
        costs another attempt at worst.
        """
        command = self._hello
        try:
            answer = database.command(command)
        except pymongo.errors.OperationFailure as error:
            if error.code != _NO_SUCH_COMMAND or command != "hello":
                raise
            self._hello = "isMaster"  # what servers before 4.4.2 call it
            answer = database.command(self._hello)
        return float(answer["localTime"].replace(tzinfo=UTC).timestamp())

    def close(self) -> None:
        """Closes the connections; the next `run` opens one."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def forget(self) -> None:
        """Leaves the client inherited by fork: its sockets and threads are the parent's."""
        _abandoned.append(self._client)
        self._client = None
        self._lock = threading.Lock()

    def _connect(self) -> Any:
        with self._lock:
            if self._client is None:
                given = self._uri.lower()
                timeouts: Any = {
                    k: v for k, v in TIMEOUTS_MS.items() if f"{k.lower()}=" not in given
                }
                try:
                    if self._uri.startswith("mongodb://"):
                        # The client itself only warns of options that it does not understand.
                        parse_uri(self._uri, warn=False)
                    self._client = pymongo.MongoClient(self._uri, **SAFE, **timeouts)
                except (pymongo.errors.PyMongoError, ValueError, TypeError) as error:
                    raise UserError(f"{self.name}: is no address of a server: {error}") from None
            return self._client

    def _unreachable(self, error: Exception) -> DatabaseUnavailable:
        why = re.split(r" \(configured timeouts|, Timeout: |\(generated", str(error))[0]
        return DatabaseUnavailable(
            f"{self.name}: no MongoDB server that takes writes answers ({why}); start mongod "
            "there, correct the address, or use a file: sqlite:PATH"
        )

    def _refused(self, error: Exception) -> DatabaseError:
        code = getattr(error, "code", None)
        why = str(error).split(", full error:")[0]
        if code in _NOT_AUTHENTICATED:
            return DatabaseError(
                f"{self.name}: the server does not know this user and password ({why}); expected "
                "mongodb://USER:PASSWORD@HOST:PORT/?authSource=DATABASE"
            )
        if code == _NOT_AUTHORISED:
            return DatabaseError(
                f"{self.name}: the server does not let this user in ({why}); give a user with the "
                f"role readWrite on {self._database}: mongodb://USER:PASSWORD@HOST:PORT/"
            )
        if code == _DISK_FULL:
            return DatabaseUnavailable(f"{self.name}: the server's disk is full; make room")
        if isinstance(error, pymongo.errors.DocumentTooLarge):
            return DatabaseError(f"{self.name}: a job's document may have 16 MB ({why})")
        return DatabaseError(f"{self.name}: {why}")


_instances: weakref.WeakSet[MongoServer] = weakref.WeakSet()
_abandoned: list[Any] = []


def _forget_all() -> None:
    for instance in list(_instances):
        instance.forget()


os.register_at_fork(after_in_child=_forget_all)
