"""Writes that are carried out once, even if their answers are lost."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from bson import ObjectId

from spearmint.database.contract import DatabaseUnavailableError
from spearmint.database.mongo_server import MongoServer

T = TypeVar("T")

#: How many writes with an unknown outcome are remembered.
REMEMBERED = 100


class Writes:
    """Gives a token to each write, by which it is recognised in the database.

    If a server is away for so long that a call fails, it is unknown whether its write was carried
    out. When the caller repeats the call, it gets the same token as before.

    Args:
        server: Where the writes go.
    """

    def __init__(self, server: MongoServer) -> None:
        self._server = server
        self._unsettled: dict[Hashable, ObjectId] = {}

    def run(self, what: Hashable, body: Callable[[Any, ObjectId], T]) -> T:
        """Calls `body` and returns its result; see `MongoServer.run`.

        Args:
            what: The same for a call that repeats another.
            body: Called with the database and the token to be written. A write with this token may
                have been carried out before, or at any moment: the body must find out.

        Raises:
            DatabaseError: As `MongoServer.run` does.
        """
        token = self._unsettled.pop(what, None) or ObjectId()
        try:
            return self._server.run(lambda database: body(database, token))
        except DatabaseUnavailableError:
            self._unsettled[what] = token
            while len(self._unsettled) > REMEMBERED:
                self._unsettled.pop(next(iter(self._unsettled)))
            raise
