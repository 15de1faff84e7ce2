"""One job in this process: claim it, run its objective, store what came of it."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

from spearmint import database, lifecycle, processes
from spearmint.database import Database, DatabaseUnavailableError, Document
from spearmint.errors import UserError
from spearmint.worker import objective, outcome
from spearmint.worker.heartbeat import Heartbeat
from spearmint.worker.job_spec import JobSpec

T = TypeVar("T")
#: Exit statuses: done (complete or broken, stored); not this worker's; no database; stopped.
DONE, NOT_MINE, NO_DATABASE, STOPPED = 0, 3, 4, 143
#: How long a worker with a result tries to reach a database that is away, in seconds.
PATIENCE_S = 24 * 3600.0


class Terminated(BaseException):
    """SIGTERM came: the job is to be put back."""


def launch(spec: JobSpec, *, redirect: bool = True, proc_id: str | None = None) -> int:
    """Runs one job, in this process, to its end.

    Changes the process: folder, signals, `sys.path` and, with `redirect`, standard output.

    Args:
        spec: The job.
        redirect: Send what the job prints to its output file.
        proc_id: What the job's document is to call this process; its number by default.

    Returns:
        One of the exit statuses above.

    Raises:
        UserError: Only without `redirect`: no database.
    """
    if redirect:
        _redirect(spec.output)
    try:
        store = database.connect(spec.address, spec.database)
        return _Launch(store, spec, proc_id).run()
    except UserError as error:
        if not redirect:
            raise
        print(error, file=sys.stderr, flush=True)
        return NO_DATABASE


class _Launch:
    """A job on its way through this process."""

    def __init__(self, store: Database, spec: JobSpec, proc_id: str | None) -> None:
        self.store = store
        self.spec = spec
        self.proc_id = proc_id
        self.stopping = False
        self.storing = False

    def run(self) -> int:
        spec = self.spec
        me = processes.identity() or f"unknown:{os.getpid()}:0"
        signal.signal(signal.SIGTERM, self._terminate)
        job = _patiently(
            lambda: self.store.claim(spec.experiment, spec.job_id, me, spec.lease_s),
            spec.lease_s,
            "waiting for the database",
        )
        if job is None:
            print(f"job {spec.job_id} is not to be had: it is not new, or not there", flush=True)
            return NOT_MINE
        attempt = int(job["attempt"])
        print(_header(job), flush=True)
        beat = Heartbeat(
            self.store, spec.experiment, spec.job_id, attempt, spec.lease_s, self._lost
        )
        beat.start()
        try:
            with suppress(DatabaseUnavailableError):  # it only tells people
                self.store.update(
                    spec.experiment,
                    spec.job_id,
                    status="pending",
                    attempt=attempt,
                    changes={"proc_id": self.proc_id or os.getpid()},
                )
            changes = self._evaluate(job)
        except Terminated:
            changes = lifecycle.requeue("stopped by SIGTERM")
        self.storing = True
        stored = self._store(attempt, changes)
        beat.stop()
        self.store.close()
        if not stored:
            print(f"the job was taken away from attempt {attempt}: its result is not stored")
            return NOT_MINE
        return STOPPED if changes["status"] == "new" else DONE

    def _evaluate(self, job: Document) -> dict[str, Any]:
        """The changes to the job's document that running it leads to."""
        try:
            result = evaluate(self.spec, job)
            self.storing = True  # from here on a signal comes too late
        except Terminated:
            raise
        except BaseException as error:  # SystemExit, KeyboardInterrupt and MemoryError too
            if self.stopping:
                raise Terminated from None
            traceback.print_exc()
            changes = lifecycle.broken(objective.why(error))
        else:
            if self.stopping:  # the objective swallowed the signal, but it came to an end
                self.stopping = False
            changes = lifecycle.complete(result.values, result.measurements, result.reason)
        _flush()
        return changes

    def _store(self, attempt: int, changes: Mapping[str, Any]) -> bool:
        """Stores a result, waiting for a database that is away; False when it is not wanted."""

        def store() -> bool:
            return self.store.update(
                self.spec.experiment,
                self.spec.job_id,
                status="pending",
                attempt=attempt,
                changes=changes,
            )

        return _patiently(store, PATIENCE_S, f"the result waits for the database: {changes}")

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.storing:
            return
        self.stopping = True
        raise Terminated

    def _lost(self) -> None:
        if self.storing:
            return
        print("the job was taken away: its lease ran out, or it was put back", flush=True)
        _end(NOT_MINE)


def _patiently(call: Callable[[], T], patience_s: float, told: str) -> T:
    """What a call of the database gives, trying again while it is away.

    Raises:
        DatabaseUnavailableError: It stayed away for `patience_s` seconds.
    """
    began, pause = time.monotonic(), 0.2
    while True:
        try:
            return call()
        except DatabaseUnavailableError as error:
            if time.monotonic() - began > patience_s:
                raise
            print(f"{error}\n{told}", flush=True)
        time.sleep(pause)
        pause = min(2 * pause, 30.0)


def evaluate(spec: JobSpec, job: Mapping[str, Any]) -> outcome.Outcome:
    """Runs the objective of a job: each main-file once, for the tasks that it computes.

    Raises:
        Exception: Whatever the objective raises.
        UserError: There is no objective to run.
    """
    folder = Path(spec.folder)
    os.chdir(folder)
    given = spec.main_file
    files = given if isinstance(given, dict) else dict.fromkeys(spec.tasks, given)
    outcomes = []
    for file in dict.fromkeys(files[task] for task in spec.tasks):
        sys.argv = [str(folder / file)]
        main = objective.find(folder, file)
        result = main(int(job["id"]), objective.arguments(job["params"]))
        own = [task for task in spec.tasks if files[task] == file]
        outcomes.append(outcome.outcome(result, own))
    return outcome.merge(outcomes)


def _header(job: Document) -> str:
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    values = ", ".join(
        f"{name}={p['values'][0] if len(p['values']) == 1 else p['values']!r}"
        for name, p in job["params"].items()
    )
    return f"--- job {job['id']}, attempt {job['attempt']}, {stamp}: {values}"


def _redirect(path: Path) -> None:
    """Sends this process's output, also that of its C code and children, to the end of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for number in (1, 2):
        os.dup2(target, number)
    os.close(target)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = _writer(1)
    sys.stderr = _writer(2)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
    faulthandler.enable(file=2)


def _writer(number: int) -> Any:
    return os.fdopen(
        number, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # the objective may have closed or replaced it
            stream.flush()


def _end(status: int) -> NoReturn:
    """Ends this process from any thread, and what it started where the group is its own."""
    _flush()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(status)


def exit_process(status: int) -> NoReturn:
    """Ends a worker without waiting for threads that the objective left behind."""
    _flush()
    threads = [t for t in threading.enumerate() if t is not threading.current_thread()]
    if any(not thread.daemon for thread in threads):
        print(f"left behind by the objective and ended: {[t.name for t in threads]}", flush=True)
    os._exit(status)
