"""A MongoDB server for one run: started before it and stopped after it; its files are kept."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.placement import LOCAL, schedulers
from hwsearch.launch.child_process import Forwarding
from hwsearch.launch.command.request import Request
from hwsearch.launch.earlier_runs.run_names import wanted_run

HOST = "127.0.0.1"
READY_WITHIN_S = 120
STOPPED_WITHIN_S = 60


class MongodError(Exception):
    """The server did not start; the text is the whole message."""


def is_wanted(request: Request) -> bool:
    """Whether a run gets a server of its own: `mongod` is on PATH, and no other database is named.

    A resumed run continues in the database in which it began. Jobs on other machines could not
    reach the server.

    Raises:
        UserError: There is no run to resume.
    """
    experiment = Experiment(request.experiment)
    if request.only_profiles:  # they are files, and nothing goes to a database
        return False
    if request.database or os.environ.get("SPEARMINT_DB_ADDRESS"):
        return False
    given = request.given
    if schedulers(given.get("scheduler", LOCAL), given.get("resources")) != {LOCAL}:
        return False
    if shutil.which("mongod") is None or not experiment.template.is_file():
        return False
    return not request.resume or _began_in_one(experiment, request.resume)


def _began_in_one(experiment: Experiment, wanted: bool | str) -> bool:
    """Whether the server of a run of this experiment kept that run's results."""
    if not _log(experiment.database_dir).is_file():
        return False
    config = Archive(experiment).files_of(wanted_run(experiment, wanted)).config_file
    try:
        address = json.loads(config.read_text(encoding="utf-8"))["database"]["address"]
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return str(address).startswith(f"{HOST}:")


@contextlib.contextmanager
def running(files: Path, signals: Forwarding, is_ready: Callable[[str], bool]) -> Iterator[str]:
    """A server that runs as long as a `with` block.

    It has a session of its own: Ctrl-C in a terminal does not reach it.

    Args:
        files: The folder of its files.
        signals: Active; a signal that arrives before the server is ready ends the process.
        is_ready: Whether a server answers at an address HOST:PORT.

    Yields:
        The address HOST:PORT.

    Raises:
        UserError: The server of another run uses the files.
        MongodError: It did not start.
    """
    files.mkdir(parents=True, exist_ok=True)
    _check_unused(files)
    port = _free_port()
    with (files / "mongod.out").open("wb") as out:
        server = subprocess.Popen(
            [
                *("mongod", "--dbpath", str(files), "--port", str(port)),
                *("--bind_ip", HOST, "--logpath", str(_log(files))),
            ],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(server, files, signals, lambda: is_ready(f"{HOST}:{port}"))
        yield f"{HOST}:{port}"
    finally:
        _stop(server)


def _log(files: Path) -> Path:
    return files / "mongod.log"


def _check_unused(files: Path) -> None:
    """A run that was killed with `kill -9` leaves its server behind, which locks the files."""
    try:
        holder = int((files / "mongod.lock").read_text(encoding="ascii"))
        command = Path(f"/proc/{holder}/cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if os.fsencode(files) in command:
        raise UserError(
            f"{files}: used by the mongod of another run, process {holder}; expected that run to "
            f"have ended; if it was killed: kill {holder}"
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(
    server: subprocess.Popen[bytes], files: Path, signals: Forwarding, is_ready: Callable[[], bool]
) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise MongodError(
                f"mongod did not start; its output is in {_log(files)} and mongod.out"
            )
        if not signals.pending:
            time.sleep(0.1)
        if signals.pending:
            raise SystemExit(128 + signals.pending[0])


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        print(
            f"mongod has not stopped within {STOPPED_WITHIN_S} s and keeps running: process "
            f"{server.pid}",
            file=sys.stderr,
        )
