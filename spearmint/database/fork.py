"""A connection that a forked child does not share with its parent."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar


class Closable(Protocol):
    """What a connection must offer."""

    def close(self) -> object:
        """Closes it."""


C = TypeVar("C", bound=Closable)


class ProcessConnection(Generic[C]):
    """This process's connection: opened when it is first used, and again in a forked child.

    A child must neither use nor close what it inherited: closing would act on the files and
    sockets that it shares with its parent. The inherited object is therefore kept, but never
    touched again; nor may the child wait for a lock whose owner is a thread of the parent.

    Attributes:
        lock: Held by whoever uses the connection, if it cannot serve several threads at once.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._connection: C | None = None
        _instances.add(self)

    def get(self, open_one: Callable[[], C]) -> C:
        """The connection; opens one if there is none."""
        with self.lock:
            if self._connection is None:
                self._connection = open_one()
            return self._connection

    def close(self) -> None:
        """Closes the connection; the next `get` opens another."""
        with self.lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def forget(self) -> None:
        """Replaces an inherited connection and lock, without touching either."""
        _inherited.append(self._connection)
        self._connection = None
        self.lock = threading.RLock()


_instances: weakref.WeakSet[ProcessConnection[Any]] = weakref.WeakSet()
_inherited: list[object] = []


def _forget_all() -> None:
    for instance in list(_instances):
        instance.forget()


os.register_at_fork(after_in_child=_forget_all)
