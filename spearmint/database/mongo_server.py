"""A MongoDB server: connecting, retries after a broken connection, and error messages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC
from typing import Any, TypeVar

import pymongo
import pymongo.errors
from bson.errors import BSONError
from pymongo.uri_parser import parse_uri

from spearmint.database.address import without_password
from spearmint.database.contract import DatabaseError, DatabaseUnavailableError
from spearmint.database.fork import ProcessConnection
from spearmint.errors import UserError

T = TypeVar("T")

#: Defaults for options that the address does not set, in milliseconds.
TIMEOUTS_MS = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 30_000,
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
_NOT_AUTHENTICATED = (18, 8000)
_NOT_AUTHORISED = 13
_DISK_FULL = 14031


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
        # A server that requires a password answers a ping without one, but not this.
        try:
            self.run(lambda database, _: database.list_collection_names())
        except BaseException:
            self.close()
            raise

    def run(self, body: Callable[[Any, bool], T]) -> T:
        """Calls `body` and returns its result; retries after a broken connection.

        Args:
            body: Called with the database and with whether this is a retry. After a broken
                connection it is unknown whether the last write was carried out: on a retry, the
                body must find out, or write something that may be written twice.

        Raises:
            DatabaseUnavailableError: No server that accepts writes responds, or its disk is full.
            DatabaseError: The server refuses.
        """
        for count in range(1, TRIES + 1):
            try:
                return body(self._connection.get(self._connect)[self._database], count > 1)
            except pymongo.errors.ServerSelectionTimeoutError as error:
                raise self._unreachable(error) from error
            except pymongo.errors.ConnectionFailure as error:
                if count == TRIES:
                    raise self._unreachable(error) from error
            except pymongo.errors.InvalidName as error:
                raise UserError(f"database name: got {self._database!r}; {error}") from None
            except (pymongo.errors.PyMongoError, BSONError) as error:
                raise self._refused(error) from error
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

    def close(self) -> None:
        """Closes the connections; the next `run` opens new ones."""
        self._connection.close()

    def _connect(self) -> Any:
        given = self._uri.lower()
        timeouts: Any = {k: v for k, v in TIMEOUTS_MS.items() if f"{k.lower()}=" not in given}
        try:
            if self._uri.startswith("mongodb://"):
                # The client itself only warns about unknown options.
                parse_uri(self._uri, warn=False)
            return pymongo.MongoClient(self._uri, **SAFE, **timeouts)
        except (pymongo.errors.PyMongoError, ValueError, TypeError) as error:
            hint = ""
            if "password is required" in str(error).lower():
                hint = " Set SPEARMINT_DB_ADDRESS to the address with its password."
            raise UserError(f"{self.name}: is not an address of a server: {error}{hint}") from None

    def _unreachable(self, error: Exception) -> DatabaseUnavailableError:
        why = re.split(r" \(configured timeouts|, Timeout: |\(generated", str(error))[0]
        return DatabaseUnavailableError(
            f"{self.name}: no MongoDB server that accepts writes responds ({why}); start "
            "mongod there, correct the address, or use a file: sqlite:PATH"
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
                f"{self.name}: the server denies access to this user ({why}); expected a user with "
                f"the role readWrite on {self._database}: mongodb://USER:PASSWORD@HOST:PORT/"
            )
        if code == _DISK_FULL:
            return DatabaseUnavailableError(f"{self.name}: its disk is full; free some space")
        if isinstance(error, pymongo.errors.DocumentTooLarge):
            return DatabaseError(f"{self.name}: a job's document may not exceed 16 MB ({why})")
        return DatabaseError(f"{self.name}: {why}")
