"""Runs one job in this process: claims it, calls its objective, stores the result."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from spearmint import lifecycle, processes
from spearmint.console.printing import printable
from spearmint.database import DatabaseUnavailableError, Document
from spearmint.errors import UserError
from spearmint.worker import objective, output
from spearmint.worker.arguments import arguments
from spearmint.worker.connection import WorkerConnection
from spearmint.worker.descendants import Descendants
from spearmint.worker.gpu import Gpu
from spearmint.worker.heartbeat import Heartbeat
from spearmint.worker.job_processes import JobProcesses
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.limits import Watcher
from spearmint.worker.outcome import Outcome, Pause, merge, outcome, pause
from spearmint.worker.output_limit import OutputLimit
from spearmint.worker.own_signals import handle
from spearmint.worker.patience import patiently
from spearmint.worker.storing import store

#: Exit statuses: result stored (complete or broken); not this worker's job; no database; the
#: machine or the experiment's folder does not allow the job to begin; stopped.
DONE, NOT_MINE, NO_DATABASE, CANNOT_BEGIN, STOPPED = 0, 3, 4, 5, 143


class CannotBeginError(UserError):
    """The machine does not allow the job to begin."""


class Terminated(BaseException):
    """SIGTERM was received: the job is to be requeued."""


def launch(spec: JobSpec, *, redirect: bool = True, proc_id: str | None = None) -> int:
    """Runs one job in this process.

    Changes the process: its folder, signal handlers, `sys.path` and, with `redirect`, its output.

    Args:
        spec: The job.
        redirect: Send what the job prints to its output file.
        proc_id: The `proc_id` to store in the job's document (default: the number of this process).

    Returns:
        One of the exit statuses above.

    Raises:
        UserError: The database cannot be used, or the job cannot begin; only without `redirect`.
    """
    try:
        with ExitStack() as stack:
            if redirect:
                output.redirect(spec.output)
                stack.enter_context(OutputLimit(spec.output, spec.output_bytes))
            stack.enter_context(Gpu(spec.gpus, spec.jobs_per_gpu))
            watcher = stack.enter_context(Watcher.start(spec))
            stack.enter_context(Descendants())  # of which the watcher is none
            store = stack.enter_context(WorkerConnection(spec))
            return _Launch(store, spec, proc_id, watcher).run()
    except UserError as error:
        if not redirect:
            raise
        output.report(str(error))
        return CANNOT_BEGIN if isinstance(error, CannotBeginError) else NO_DATABASE
    except (OSError, RuntimeError) as error:  # a full disk, no more processes or threads
        if not redirect:
            raise CannotBeginError(f"job {spec.job_id} cannot begin: {error}") from None
        output.report(f"cannot begin: {error}")
        return CANNOT_BEGIN


class _Launch:
    """One job while it runs in this process."""

    __slots__ = (
        "_attempt",
        "_is_claiming",
        "_is_stopping",
        "_is_storing",
        "_proc_id",
        "_spec",
        "_store",
        "_watcher",
    )

    def __init__(
        self, store: WorkerConnection, spec: JobSpec, proc_id: str | None, watcher: Watcher
    ) -> None:
        self._store = store
        self._watcher = watcher
        self._spec = spec
        self._proc_id = proc_id
        self._attempt = 0
        self._is_claiming = True
        self._is_stopping = False
        self._is_storing = False

    def run(self) -> int:
        spec = self._spec
        handle(signal.SIGTERM, self._terminate)
        try:
            job = self._claim()
        except Terminated:
            return STOPPED
        if job is None:
            output.tell(f"job {spec.job_id} cannot be started: it does not exist or is not new")
            return NOT_MINE
        attempt = self._attempt = int(job["attempt"])
        output.tell(_header(job))
        self._watcher.begin(attempt)
        beat = self._heartbeat()
        output.begin()
        status = DONE
        try:
            self._is_claiming = False
            self._check_stopping()
            with suppress(DatabaseUnavailableError):  # the proc_id is only information for people
                self._store.update({"proc_id": self._proc_id or os.getpid()})
            changes = self._evaluate(job)
        except Terminated:
            self._is_storing = True  # first: another signal would escape from here
            changes, status = lifecycle.requeue("stopped by SIGTERM"), STOPPED
        except CannotBeginError as error:
            self._is_storing = True
            changes, status = lifecycle.requeue(str(error)), CANNOT_BEGIN
        self._is_storing = True
        self._watcher.stop()
        stored = store(self._store.update, changes)
        beat.stop()
        if not stored:
            output.tell(f"attempt {attempt} no longer owns this job; its result was discarded")
            return NOT_MINE
        return status

    def _claim(self) -> Document | None:
        worker = processes.identity() or f"unknown:{os.getpid()}:0"

        def claim() -> Document | None:
            self._check_stopping()
            return self._store.claim(worker)

        return patiently(claim, self._spec.lease_s, "waiting for the database")

    def _heartbeat(self) -> Heartbeat:
        """Starts to renew the lease.

        Raises:
            CannotBeginError: No thread can be started; the job is put back.
        """
        beat = Heartbeat(self._store.renew, self._spec.lease_s, self._lose)
        try:
            beat.start()
        except RuntimeError as error:
            reason = f"cannot begin: {error}"
            store(self._store.update, lifecycle.requeue(reason))
            raise CannotBeginError(reason) from None
        return beat

    def _evaluate(self, job: Document) -> dict[str, Any]:
        """Runs the objective; returns the changes that its result makes to the job's document.

        A process that the objective has forked, and that comes back to here, ends: only the process
        that claimed the job stores anything.

        Raises:
            Terminated: SIGTERM was received.
            CannotBeginError: The objective says that the machine does not allow it to begin.
        """
        worker = os.getpid()
        try:
            result = evaluate(self._spec, job, self._allow_checks)
            self._is_storing = True  # from here on a signal comes too late
        except Terminated:
            raise
        except BaseException as error:  # SystemExit, KeyboardInterrupt and MemoryError too
            if os.getpid() != worker:
                _exit_child(error)
            if self._is_stopping:
                raise Terminated from None
            with suppress(OSError, ValueError):
                traceback.print_exc()
            if objective.is_machines_fault(error):
                raise CannotBeginError(f"cannot begin: {objective.reason(error)}") from None
            changes = lifecycle.broken(
                objective.reason(error), stops=objective.is_experiments_fault(error)
            )
        else:
            changes = _changes(job, result)
        output.flush()
        return changes

    def _allow_checks(self, allowed: bool) -> None:
        """Tells the controller whether it may check candidates of later jobs from now on."""
        with suppress(DatabaseUnavailableError):
            self._store.update(lifecycle.allowing_checks(self._attempt, allowed=allowed))

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._is_storing:
            return
        self._is_stopping = True
        if (
            not self._is_claiming
        ):  # a claim is not interrupted: it would be unknown who owns the job
            raise Terminated

    def _check_stopping(self) -> None:
        if self._is_stopping:
            raise Terminated

    def _lose(self) -> None:
        """Ends the process from the heartbeat's thread: another worker may run the job now."""
        if self._is_storing:
            return
        output.tell("this worker no longer owns the job: its lease expired or it was requeued")
        output.flush()
        if os.getpgrp() == os.getpid():  # the group is this worker's: its children end as well
            JobProcesses(os.getpid()).kill_others()
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(NOT_MINE)


def _end_child_of(worker: int) -> None:
    """Ends this process if it is not the worker, but one that the objective has forked."""
    if os.getpid() != worker:
        exit_process(0)


def _exit_child(error: BaseException) -> NoReturn:
    """Ends a process that the objective has forked, as Python does after this exception."""
    status = 1
    if isinstance(error, SystemExit) and (error.code is None or isinstance(error.code, int)):
        status = error.code or 0
    elif isinstance(error, SystemExit):
        output.tell(str(error.code), sys.stderr)
    else:
        with suppress(OSError, ValueError):
            traceback.print_exc()
    exit_process(status & 0xFF)


def _changes(job: Document, result: Outcome | Pause) -> dict[str, Any]:
    """What a result changes in a job's document."""
    if isinstance(result, Pause):
        known = (result.progress, result.curve, result.values, result.measurements, result.took)
        return lifecycle.paused(job, *known)
    measurements = lifecycle.all_measurements(job, result.measurements)
    return lifecycle.complete(result.values, measurements, result.reason, result.unmeasured)


def evaluate(
    spec: JobSpec, job: Mapping[str, Any], allow_checks: Callable[[bool], None] | None = None
) -> Outcome | Pause:
    """Runs the objective of a job: each main-file once, for the tasks that it computes.

    Args:
        spec: What the worker needs to know.
        job: The document.
        allow_checks: What `main` gets as `ahead`, if it takes that and config.json wants it.

    Raises:
        Exception: Whatever the objective raises.
        UserError: There is no objective to run.

    Returns:
        Its result, or what is known of a training that has come to the end of a segment.
    """
    folder = Path(spec.folder)
    os.chdir(folder)
    given = spec.main_file
    files = given if isinstance(given, dict) else dict.fromkeys(spec.tasks, given)
    outcomes = []
    until = job.get("until")
    told = {} if until is not None else job.get("expected") or {}
    worker = os.getpid()
    for file in dict.fromkeys(files[task] for task in spec.tasks):
        sys.argv = [str(folder / file)]
        main = objective.find(folder, file)
        _end_child_of(worker)
        given_params = arguments(job.get("params"))
        if job.get(lifecycle.AHEAD) is not None and allow_checks is not None:
            main = objective.with_ahead(main, allow_checks)
        if told:
            returned = objective.tellable(main, folder / file)(
                int(job["id"]), given_params, expected=told
            )
        elif until is None:
            returned = main(int(job["id"]), given_params)
        else:
            returned = objective.pausable(main, folder / file)(
                int(job["id"]), given_params, float(until)
            )
        _end_child_of(worker)
        rest = None if until is None else pause(returned, spec.tasks)
        if rest is not None:
            return rest
        own = [task for task in spec.tasks if files[task] == file]
        outcomes.append(outcome(returned, own, told))
    return merge(outcomes)


def _header(job: Document) -> str:
    """What stands before the output of a job; nothing in it can end its line."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    params = job.get("params")
    items = params.items() if isinstance(params, Mapping) else []
    values = ", ".join(f"{name}={_value(param)}" for name, param in items)
    return printable(f"--- job {job['id']}, attempt {job['attempt']}, {stamp}: {values}")


def _value(param: Any) -> str:
    """The value of a variable; of a vector, the list; of anything else, all of it."""
    values = param.get("values") if isinstance(param, Mapping) else param
    single = isinstance(values, list) and len(values) == 1
    return str(values[0]) if single else repr(values)  # type: ignore[index]


def exit_process(status: int) -> NoReturn:
    """Ends a worker without waiting for threads that the objective left running."""
    output.flush()
    threads = [t for t in threading.enumerate() if t is not threading.current_thread()]
    if any(not thread.daemon for thread in threads):
        names = [thread.name for thread in threads]
        output.tell(f"threads left running by the objective were stopped: {names}")
    os._exit(status)
