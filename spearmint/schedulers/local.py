"""Jobs as processes of this machine."""

from __future__ import annotations

import json
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from spearmint import processes
from spearmint.errors import UserError
from spearmint.schedulers.environment import environment
from spearmint.schedulers.protocol import Ended
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import NOT_MINE

if TYPE_CHECKING:
    from spearmint.config import Config, Resource


class LocalScheduler:
    """Starts workers through a nursery, a process that has imported what they need.

    Args:
        modules: What the nursery imports.
        variables: The workers' environment.
        folder: The workers' first current folder.
    """

    durable_ids = False

    def __init__(self, modules: list[str], variables: dict[str, str], folder: Path) -> None:
        self._modules = modules
        self._variables = variables
        self._folder = folder
        self._nursery: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._log: IO[bytes] | None = None
        self._ready = False
        self._received = b""
        self._running: dict[str, str | None] = {}
        self._ended: list[Ended] = []
        self._notices: list[str] = []

    def start(self) -> None:
        """Starts the nursery, so that it imports while others think."""
        if self._nursery is not None:
            return
        ours, theirs = socket.socketpair()
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the nursery
        number = str(theirs.fileno())
        code = "from spearmint.schedulers.fork_server import main; main()"
        self._nursery = subprocess.Popen(
            [sys.executable, "-P", "-c", code, number, json.dumps(self._modules)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[theirs.fileno()],
            env=self._variables,
            cwd=self._folder,
            start_new_session=True,
        )
        theirs.close()
        ours.setblocking(False)
        self._channel, self._log = ours, log
        self._received, self._ready = b"", False

    def submit(self, spec: JobSpec) -> str:
        """See Scheduler."""
        self.start()
        name = uuid.uuid4().hex
        line = json.dumps({"start": name, "spec": asdict(spec)}).encode() + b"\n"
        self._running[name] = None
        assert self._channel is not None  # noqa: S101 - start() made it
        try:
            self._channel.settimeout(30)
            self._channel.sendall(line)
            self._channel.setblocking(False)
        except OSError:
            self._receive()  # finds that the nursery has died
        return name

    def resume(self, specs: Mapping[str, JobSpec]) -> set[str]:
        """See Scheduler: a job's document says which process it is, and no queue is behind."""
        del specs
        return set()

    def alive(self, proc_id: str) -> bool:
        """See Scheduler."""
        return proc_id in self._running

    def poll(self) -> list[Ended]:
        """See Scheduler."""
        self._receive()
        if self._nursery is None:
            # Workers outlive their nursery.
            for name, identity in list(self._running.items()):
                if identity is None or not processes.is_alive(identity):
                    if identity is not None:
                        processes.kill_group(identity)
                    self._end(name, "unseen")
        ended, self._ended = self._ended, []
        return ended

    def notices(self) -> list[str]:
        """See Scheduler."""
        notices, self._notices = self._notices, []
        return notices

    def sources(self) -> list[int]:
        """See Scheduler."""
        return [self._channel.fileno()] if self._channel is not None else []

    def withdraw(self) -> None:
        """See Scheduler: there is no queue."""

    def cancel(self, proc_id: str) -> None:
        """See Scheduler."""
        identity = self._running.get(proc_id)
        if identity is not None:
            processes.terminate(identity)

    def stop(self, grace_s: float) -> None:
        """See Scheduler."""
        end = time.monotonic() + grace_s
        self._stopping_poll()
        if not self._ready and self._nursery is not None and self._running:
            self._nursery.kill()  # it has started no worker yet
        asked: set[str] = set()
        while self._running and time.monotonic() < end:
            for name, identity in self._running.items():
                if identity and name not in asked:
                    asked.add(name)
                    processes.terminate(identity)
            left = min(end - time.monotonic(), 0.2)
            select.select(self.sources(), [], [], max(left, 0.0))
            self._stopping_poll()
        end = time.monotonic() + 5.0
        while self._running and time.monotonic() < end:
            for identity in self._running.values():
                if identity:
                    processes.kill_group(identity)
            select.select(self.sources(), [], [], 0.05)
            self._stopping_poll()

    def _stopping_poll(self) -> None:
        with suppress(UserError):
            self._ended = self.poll()

    def close(self) -> None:
        """See Scheduler."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._nursery is not None:
            if self._running:
                self._nursery.returncode = 0  # it goes on until the last has ended
            else:
                self._nursery.kill()
                self._nursery.wait()
            self._nursery = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def _receive(self) -> None:
        while self._channel is not None:
            try:
                chunk = self._channel.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                chunk = b""
            if not chunk:
                self._bury()
                return
            *lines, self._received = (self._received + chunk).split(b"\n")
            for line in lines:
                self._message(json.loads(line))

    def _message(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self._ready = True
            for module, why in message["failed"].items():
                self._notices.append(
                    f"preload: {module} cannot be imported beforehand, jobs try it again: {why}"
                )
            if not message["forks"]:
                self._notices.append(
                    "preload: an imported module has started a thread, so that workers cannot be "
                    "forked: each imports for itself"
                )
        elif "started" in message:
            self._running[message["started"]] = message["identity"]
        else:
            status = message["status"]
            self._end(message["ended"], _how(status), excused=status == NOT_MINE)

    def _end(self, name: str, how: str, *, excused: bool = False) -> None:
        if self._running.pop(name, "") != "":
            self._ended.append(Ended(name, how, excused))

    def _bury(self) -> None:
        """The nursery has died; the next submit starts another."""
        assert self._nursery is not None  # noqa: S101 - it had a channel
        assert self._channel is not None  # noqa: S101
        assert self._log is not None  # noqa: S101
        status = self._nursery.wait()
        self._channel.close()
        self._log.seek(0)
        said = self._log.read().decode(errors="replace").strip().splitlines()
        self._log.close()
        self._nursery = self._channel = self._log = None
        if not self._ready and status != -signal.SIGKILL:
            self._running = {name: who for name, who in self._running.items() if who}
            modules = ", ".join(self._modules)
            raise UserError(
                f"preload: the process that imports {modules or 'nothing'} ended: {_how(status)}"
                + (f": {said[-1]}" if said else "")
            )
        self._notices.append(
            f"the process that starts workers ended, {_how(status)}; starting another one"
        )


def _how(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = " (kill -9, or the system was out of memory)" if status == -signal.SIGKILL else ""
    return f"killed by {name}{hint}"


def init(resource: Resource, config: Config) -> LocalScheduler:
    """The scheduler of a resource whose `scheduler` is `local`."""
    store = "sqlite" if config.address.startswith("sqlite:") else "mongodb"
    modules = [f"spearmint.database.{store}", *config.preload]
    folder = config.folder or Path.cwd()
    return LocalScheduler(modules, environment(resource.environment_file), folder)
