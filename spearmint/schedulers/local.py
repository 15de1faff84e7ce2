"""Jobs as processes of this machine."""

from __future__ import annotations

import select
import signal
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spearmint import processes
from spearmint.database import is_sqlite
from spearmint.errors import UserError
from spearmint.schedulers.environment import environment
from spearmint.schedulers.fork_client import ForkClient
from spearmint.schedulers.protocol import Ended
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import CANNOT_BEGIN, NOT_MINE, STOPPED

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

#: How long killed processes may take to disappear, in seconds.
KILL_S = 5.0


class LocalScheduler:
    """Starts workers through a fork server, which has imported the modules that they need.

    Args:
        modules: Names of the modules that the fork server imports.
        variables: The environment of the workers.
        folder: The current folder of the workers when they start.
    """

    durable_ids = False

    def __init__(self, modules: list[str], variables: dict[str, str], folder: Path) -> None:
        self._server = ForkClient(modules, variables, folder)
        self._killed_server = False
        # The identity of each worker by its id; None until the fork server has started it.
        self._running: dict[str, str | None] = {}
        self._abandoned: set[str] = set()  # those whose fork server has ended
        self._cancelled: set[str] = set()
        self._ended: list[Ended] = []
        self._notices: list[str] = []

    def start(self) -> None:
        """See Scheduler."""
        with suppress(OSError):  # submit tries it again
            self._server.start()

    def submit(self, spec: JobSpec) -> str:
        """See Scheduler."""
        proc_id = uuid.uuid4().hex
        self._running[proc_id] = None
        try:
            self._server.start()
        except OSError as error:
            self._end(proc_id, CANNOT_BEGIN, f"cannot start a process: {error.strerror}")
            return proc_id
        self._server.send({"start": proc_id, "spec": asdict(spec)})
        return proc_id

    def resume(self, specs: Mapping[str, JobSpec]) -> set[str]:
        """See Scheduler: the controller itself finds local workers by their identity."""
        del specs
        return set()

    def poll(self) -> list[Ended]:
        """See Scheduler."""
        for message in self._server.receive():
            self._handle(message)
        self._find_ended()
        ended, self._ended = self._ended, []
        return ended

    def notices(self) -> list[str]:
        """See Scheduler."""
        notices, self._notices = self._notices, []
        return notices

    def sources(self) -> list[int]:
        """See Scheduler."""
        return self._server.sources()

    def withdraw(self) -> None:
        """See Scheduler: there is no queue."""

    def cancel(self, proc_id: str) -> None:
        """See Scheduler."""
        self._collect()
        if proc_id in self._running:
            self._cancelled.add(proc_id)
            self._terminate_cancelled(proc_id)

    def stop(self, grace_s: float) -> None:
        """See Scheduler."""
        self._collect()
        if self._running and self._server.runs and not self._server.ready:
            self._killed_server = True
            self._server.kill()  # it has started no worker yet
        asked: set[str] = set()
        end = time.monotonic() + grace_s
        while self._running and (left := end - time.monotonic()) > 0:
            for proc_id, identity in self._running.items():
                if identity and proc_id not in asked:
                    asked.add(proc_id)
                    processes.terminate(identity)
            select.select(self.sources(), [], [], min(left, 0.2))
            self._collect()
        end = time.monotonic() + KILL_S
        while self._running and time.monotonic() < end:
            for identity in filter(None, self._running.values()):
                processes.kill_group(identity)
            select.select(self.sources(), [], [], 0.05)
            self._collect()

    def close(self) -> None:
        """See Scheduler."""
        self._server.close(leave_running=bool(self._running))

    def _collect(self) -> None:
        """Polls, and keeps the result for the next `poll`."""
        with suppress(UserError):  # the next submit starts another fork server
            self._ended = self.poll()

    def _handle(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self._notices += _preload_notices(message)
        elif "started" in message:
            self._running[message["started"]] = message["identity"]
            self._terminate_cancelled(message["started"])
        elif "ended" in message:
            self._end(message["ended"], message["status"], message["output"])
        else:
            self._handle_exit(message["exited"], message["output"])

    def _handle_exit(self, status: int, output: str) -> None:
        """The fork server has ended; the next `submit` starts another one."""
        self._abandoned |= set(self._running)
        if self._killed_server:
            self._killed_server = False
        elif self._server.ready or status == -signal.SIGKILL:
            self._notices.append(
                f"the process that starts workers ended: {_described(status)}; starting another one"
            )
        else:
            self._running = {name: identity for name, identity in self._running.items() if identity}
            modules = ", ".join(self._server.modules) or "nothing"
            raise UserError(
                f"preload: the process that imports {modules} ended: {_described(status)}"
                + (f": {output}" if output else "")
            )

    def _terminate_cancelled(self, proc_id: str) -> None:
        """Asks a worker to end if it was cancelled; one that has not started, when it starts."""
        identity = self._running.get(proc_id)
        if identity is not None and proc_id in self._cancelled:
            processes.terminate(identity)

    def _find_ended(self) -> None:
        """Finds workers that have ended after their fork server."""
        for proc_id in list(self._abandoned):
            identity = self._running.get(proc_id)
            if identity is None or not processes.is_alive(identity):
                if identity is not None:
                    processes.kill_group(identity)
                self._end(proc_id, None)

    def _end(self, proc_id: str, status: int | None, last_line: str = "") -> None:
        if proc_id in self._running:
            del self._running[proc_id]
            excused = status == NOT_MINE or proc_id in self._cancelled
            self._cancelled.discard(proc_id)
            self._abandoned.discard(proc_id)
            self._ended.append(Ended(proc_id, _described(status), excused, last_line, status))


def _preload_notices(message: dict[str, Any]) -> list[str]:
    notices = [
        f"preload: cannot import {module}, each job tries it again: {error}"
        for module, error in message["failed"].items()
    ]
    if not message["forks"]:
        notices.append(
            "preload: an imported module has started a thread, so workers cannot be forked; "
            "each worker imports the modules itself"
        )
    return notices


def _described(status: int | None) -> str:
    """What an exit status means; negative numbers are signals."""
    if status is None:
        return "unknown exit status"
    if status == STOPPED:
        return f"exit status {status} (SIGTERM, which this run has not sent)"
    if status >= 0:
        return f"exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = " (kill -9, or the system was out of memory)" if status == -signal.SIGKILL else ""
    return f"killed by {name}{hint}"


def init(resource: Resource, config: Config) -> LocalScheduler:
    """The scheduler of a resource with the scheduler `local`."""
    kind = "sqlite" if is_sqlite(config.address) else "mongodb"
    modules = [f"spearmint.database.{kind}", *config.preload]
    folder = config.folder or Path.cwd()
    name, value = processes.mark(config.experiment)
    variables = {**environment(resource.environment_file), name: value}
    return LocalScheduler(modules, variables, folder)
