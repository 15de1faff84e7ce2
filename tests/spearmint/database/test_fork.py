from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Callable

import pytest

from spearmint.database.fork import ProcessConnection
from tests.forking import fork


class Connection:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def exit_status_of_a_fork(body: Callable[[], bool]) -> int:
    """Forks; the child exits with status 0 if `body` is true there."""
    pid = fork()
    if pid == 0:
        try:
            os._exit(0 if body() else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def test_opens_when_it_is_first_used_and_after_close() -> None:
    made: list[Connection] = []

    def open_one() -> Connection:
        made.append(Connection())
        return made[-1]

    own: ProcessConnection[Connection] = ProcessConnection()
    own.close()
    assert own.get(open_one) is own.get(open_one)
    own.close()
    own.close()
    assert [connection.closed for connection in made] == [1]
    assert own.get(open_one) is made[1]


def test_connection_that_cannot_be_opened_is_tried_again() -> None:
    own: ProcessConnection[Connection] = ProcessConnection()

    def fail() -> Connection:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        own.get(fail)
    assert isinstance(own.get(Connection), Connection)


def test_child_opens_its_own_and_leaves_its_parents_open() -> None:
    own: ProcessConnection[Connection] = ProcessConnection()
    inherited = own.get(Connection)

    def in_the_child() -> bool:
        other = own.get(Connection)
        own.close()
        return other is not inherited and other.closed == 1 and inherited.closed == 0

    assert exit_status_of_a_fork(in_the_child) == 0
    assert own.get(Connection) is inherited


def test_inherited_connection_is_not_collected_in_the_child() -> None:
    own: ProcessConnection[Connection] = ProcessConnection()
    alive = weakref.ref(own.get(Connection))

    def in_the_child() -> bool:
        gc.collect()
        return alive() is not None

    assert exit_status_of_a_fork(in_the_child) == 0


def test_child_does_not_wait_for_a_lock_of_its_parents_threads() -> None:
    own: ProcessConnection[Connection] = ProcessConnection()
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with own.lock:
            locked.set()
            release.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait()
    try:
        assert exit_status_of_a_fork(lambda: own.lock.acquire(blocking=False)) == 0
    finally:
        release.set()
        thread.join()
