"""Reads the results of a run that had a `mongod` of its own, after both have ended."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
from collections.abc import Iterator
from types import FrameType

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.launch.child_process import Forwarding
from hwsearch.launch.server import mongod
from hwsearch.printing import one_line


@contextlib.contextmanager
def address_of(experiment: Experiment, address: str) -> Iterator[str]:
    """The address of an experiment's database for a `with` block.

    If it is that of a server that was started for a run and has been stopped since, one is started
    on the same files, and stopped afterwards.

    Args:
        experiment: Where the server keeps its files.
        address: The address in the run's config.json.

    Yields:
        The address at which the database is now.

    Raises:
        UserError: The server cannot be started.
    """
    files = experiment.database_dir
    is_own = address.startswith(f"{mongod.HOST}:") and (files / "mongod.log").is_file()
    if not is_own or answers(address):
        yield address
        return
    if shutil.which("mongod") is None:
        raise UserError(
            f"{one_line(files)}: has the results of this run; expected mongod on PATH to read them"
        )
    with contextlib.ExitStack() as stack:
        try:
            with Forwarding() as signals:
                found = stack.enter_context(mongod.running(files, signals, answers))
        except mongod.MongodError as error:
            raise UserError(str(error)) from None
        # Whatever ends this program, the server must not stay behind.
        for number in (signal.SIGTERM, signal.SIGHUP):
            stack.callback(signal.signal, number, signal.signal(number, _leave))
        yield found


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def answers(address: str) -> bool:
    """Whether a server accepts connections at HOST:PORT."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5.0):
            return True
    except (OSError, ValueError, OverflowError):
        return False
