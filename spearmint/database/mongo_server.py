"""A MongoDB server: connecting, and retries after a broken connection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC
from typing import Any, TypeVar

import pymongo
import pymongo.errors
from bson.errors import BSONError
from pymongo.uri_parser import parse_uri, split_options

from spearmint.database.address import without_password
from spearmint.database.fork import ProcessConnection
from spearmint.database.mongo_errors import not_connected, refused, unreachable
from spearmint.database.mongo_tls import check_files
from spearmint.errors import UserError

T = TypeVar("T")

#: Options that the address may set otherwise. A server is given up later than a connection to it:
#: the error then tells why the connection failed. Reads return what no failover can take back.
DEFAULTS: dict[str, Any] = {
    "serverSelectionTimeoutMS": 6_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 30_000,
    "readConcernLevel": "majority",
}
#: A write is acknowledged when it is on the disks of a majority of the servers.
SAFE: dict[str, Any] = {
    "w": "majority",
    "journal": True,
    "readPreference": "primary",
    "appname": "hyperpower",
}
#: How often a call is tried; each retry follows a broken connection.
TRIES = 3

_NO_SUCH_COMMAND = 59


class MongoServer:
    """One database of a server, and this process's client for it.

    Args:
        address: `HOST`, `HOST:PORT` or a MongoDB connection string.
        database: Name of the database.

    Raises:
        DatabaseError: The server cannot be reached, or refuses access.
        UserError: The address or the name is not well formed.
    """

    def __init__(self, address: str, database: str) -> None:
        self._uri = address if "://" in address else f"mongodb://{address}"
        self.name = f"database {without_password(address)}"
        self._database = database
        self._connection: ProcessConnection[Any] = ProcessConnection()
        self._hello = "hello"
        self._limit_s: float | None = None
        # A server that requires a password answers a ping without one, but not this.
        try:
            self.run(lambda database: database.list_collection_names())
        except BaseException:
            self.close()
            raise

    def run(self, body: Callable[[Any], T]) -> T:
        """Calls `body` and returns its result; retries after a broken connection.

        Args:
            body: Called with the database. After a broken connection it is unknown whether the last
                write was carried out: the body must find out, or write something that may be
                written twice.

        Raises:
            DatabaseUnavailableError: No server that accepts writes responds, or its disk is full.
            DatabaseError: The server refuses.
        """
        with self._limited():
            return self._tried(body, self._limit_s)

    def _tried(self, body: Callable[[Any], T], limit_s: float | None) -> T:
        for count in range(1, TRIES + 1):
            try:
                return body(self._connection.get(self._connect)[self._database])
            except pymongo.errors.ServerSelectionTimeoutError as error:
                raise unreachable(self.name, error) from error
            except pymongo.errors.ConnectionFailure as error:
                if count == TRIES or self._limit_s != limit_s:
                    raise unreachable(self.name, error) from error
            except pymongo.errors.InvalidName as error:
                raise UserError(f"database name: got {self._database!r}; {error}") from None
            except (pymongo.errors.PyMongoError, BSONError) as error:
                if limit_s is not None and getattr(error, "timeout", False):
                    raise unreachable(self.name, error) from error
                raise refused(self.name, self._database, error) from error
        raise AssertionError("the last attempt returns or raises")

    def now(self, database: Any) -> float:
        """The server's clock: seconds since the epoch, to a millisecond.

        It is read before the write that uses it. A pause in between makes a lease expire early,
        which costs one retry of the job at worst.
        """
        command = self._hello
        try:
            answer = database.command(command)
        except pymongo.errors.OperationFailure as error:
            if error.code != _NO_SUCH_COMMAND or command != "hello":
                raise
            self._hello = "isMaster"  # its name in servers before 4.4.2
            answer = database.command(self._hello)
        return float(answer["localTime"].replace(tzinfo=UTC).timestamp())

    def limit_calls(self, seconds: float) -> None:
        """From now on, `run` and `close` wait for the server for at most so many seconds each.

        A `run` that waits already gives up at the next error of its connection.
        """
        self._limit_s = seconds

    def close(self) -> None:
        """Closes the connections; the next `run` opens new ones."""
        with self._limited():
            self._connection.close()

    def _limited(self) -> AbstractContextManager[object]:
        return nullcontext() if self._limit_s is None else pymongo.timeout(self._limit_s)

    def _connect(self) -> Any:
        given = self._uri.lower()
        defaults: Any = {k: v for k, v in DEFAULTS.items() if f"{k.lower()}=" not in given}
        try:
            check_files(self._uri, self.name)
            # The client itself only warns about unknown options.
            if self._uri.startswith("mongodb://"):
                parse_uri(self._uri, warn=False)
            elif "?" in self._uri:  # to parse all of it, the name server would be asked
                split_options(self._uri.partition("?")[2], warn=False)
            return pymongo.MongoClient(self._uri, **SAFE, **defaults)
        except (pymongo.errors.PyMongoError, OSError, ValueError, TypeError) as error:
            raise not_connected(self.name, error) from None
