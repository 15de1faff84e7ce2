"""The process that workers are forked from, with heavy libraries imported once.

It is started as `fork_server.main` with the number of a socket and the names of modules as
arguments. Each message on the socket is a JSON object on one line:

    <- {"ready": true, "forks": bool, "failed": {module: error}}
    -> {"start": id, "spec": {...}}
    <- {"started": id, "identity": ...}
    <- {"ended": id, "status": number, "output": line}

A negative status is the signal that killed the worker. The line is the last one that it wrote to
standard error while that was not its output file yet: why it could not begin.

A worker is forked if that is safe, that is, if this process has only one thread. Otherwise it is a
new process that imports the modules itself. Each worker leads a process group, which is killed when
the worker ends. When the socket closes, this process waits for its workers and then exits, so that
they never become zombies.

The forkserver of the standard library was not enough: there is one per process (an
environment-file requires one per resource), its workers do not lead process groups, a module that
raises anything but ImportError kills it, and each worker runs the main module of the caller again.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from spearmint import processes
from spearmint.console.printing import shortened
from spearmint.schedulers.orphans import Orphans
from spearmint.worker import launch
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import CANNOT_BEGIN


def preload(names: list[str]) -> dict[str, str]:
    """Imports modules; returns the errors of those that failed, by name."""
    failed = {}
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001, RUF100 - whatever a module raises
            failed[name] = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return failed


def can_fork() -> bool:
    """Whether a fork copies this process completely: on Linux, if it has only one thread.

    Threads that stop themselves before a fork, such as those of OpenBLAS, do not count. A fork of
    a child that does nothing shows which ones these are.
    """
    if sys.platform != "linux":
        return False
    if _threads() > 1:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    return _threads() == 1


def _threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


@dataclass(slots=True)
class ForkServer:
    """The loop of this process.

    Args:
        channel: The socket.

    Attributes:
        workers: The ids of running workers, by process number.
        errors: The pipes from their first standard error, by process number.
        popen: The handles of those that were not forked, by process number.
        closed: Whether the socket was closed at the other end.
        received: The beginning of a message whose rest has not arrived.
    """

    channel: socket.socket
    workers: dict[int, str] = field(default_factory=dict, init=False)
    errors: dict[int, int] = field(default_factory=dict, init=False)
    popen: dict[int, subprocess.Popen[str]] = field(default_factory=dict, init=False)
    closed: bool = field(default=False, init=False)
    received: bytes = field(default=b"", init=False)

    def serve(self, names: list[str]) -> None:
        """Imports modules, then starts workers until the socket closes and the last one ends."""
        waker, wake = socket.socketpair()
        for end in (waker, wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        failed = preload(names)
        orphans = Orphans()
        gc.freeze()  # garbage collections in the workers leave these pages shared
        self._send({"ready": True, "forks": can_fork(), "failed": failed})
        with selectors.DefaultSelector() as selector:
            selector.register(self.channel, selectors.EVENT_READ)
            selector.register(waker, selectors.EVENT_READ)
            while not self.closed or self.workers:
                for key, _ in selector.select():
                    if key.fileobj is waker:
                        with suppress(BlockingIOError):
                            waker.recv(4096)
                    else:
                        self._receive()
                        if self.closed:
                            selector.unregister(self.channel)
                ended = self._reap()
                # First, because this process may be ended when the last job is known to have ended.
                orphans.end(self.workers)
                for message in ended:
                    self._send(message)

    def _receive(self) -> None:
        try:
            chunk = self.channel.recv(65536)
        except ConnectionError:
            chunk = b""
        self.closed = not chunk
        *lines, self.received = (self.received + chunk).split(b"\n")
        for line in lines:
            message = json.loads(line)
            self._start(message["start"], JobSpec(**message["spec"]))

    def _start(self, proc_id: str, spec: JobSpec) -> None:
        try:
            pid = self._started(spec)
        except OSError as error:  # no more processes, no memory, no descriptors
            line = f"cannot start a process: {error.strerror}"
            self._send({"ended": proc_id, "status": CANNOT_BEGIN, "output": line})
            return
        self.workers[pid] = proc_id
        self._send({"started": proc_id, "identity": processes.identity(pid)})

    def _started(self, spec: JobSpec) -> int:
        """Starts a worker; returns its process number.

        Raises:
            OSError: The system does not allow another process.
        """
        read, write = os.pipe()
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        try:
            if can_fork():
                # A preloaded module may handle SIGTERM in ways that are not those of a worker.
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
                try:
                    pid = os.fork()
                    if pid == 0:
                        os.dup2(write, 2)
                        os.close(write)
                        self._become_worker(spec)
                finally:
                    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            else:
                pid = self._started_afresh(spec, write)
        except OSError:
            os.close(read)
            raise
        finally:
            os.close(write)
        self.errors[pid] = read
        return pid

    def _started_afresh(self, spec: JobSpec, errors: int) -> int:
        code = "from spearmint.worker.process import work; work()"
        child = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        assert child.stdin is not None  # noqa: S101 - a pipe was requested
        with suppress(BrokenPipeError):
            child.stdin.write(spec.to_json())
            child.stdin.close()
        self.popen[child.pid] = child  # without a handle, its destructor would warn
        return child.pid

    def _become_worker(self, spec: JobSpec) -> NoReturn:
        """In the child: undoes what belongs to the fork server, then runs the job."""
        status = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            self.channel.close()
            _reseed()
            status = launch.launch(spec)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            launch.exit_process(status)

    def _reap(self) -> list[dict[str, object]]:
        """Kills the rest of the process groups of workers that have ended; returns the reports."""
        reports: list[dict[str, object]] = []
        for pid in list(self.workers):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            # While the leader is a zombie, no other process can get the number of its group.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            _, state = os.waitpid(pid, 0)
            status = os.waitstatus_to_exitcode(state)
            if pid in self.popen:
                self.popen.pop(pid).returncode = status
            line = _last_line(self.errors.pop(pid))
            reports.append({"ended": self.workers.pop(pid), "status": status, "output": line})
        return reports

    def _send(self, message: dict[str, object]) -> None:
        if self.closed:
            return
        try:
            self.channel.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self.closed = True  # the controller is gone


def _last_line(pipe: int) -> str:
    """The last line in a pipe, which is closed."""
    text = b""
    with suppress(BlockingIOError):  # another process may have kept its other end
        while chunk := os.read(pipe, 65536):
            text = (text + chunk)[-65536:]
    os.close(pipe)
    lines = text.decode(errors="replace").strip().splitlines()
    return shortened(lines[-1], 500) if lines else ""


def _reseed() -> None:
    """Gives each worker random numbers of its own, as separate processes have."""
    random.seed()
    if "numpy" in sys.modules:
        import numpy as np  # noqa: PLC0415 - only if it has been imported already

        np.random.seed()  # noqa: NPY002 - the global generator is the shared one


def main() -> None:
    """Runs the process."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    ForkServer(channel).serve(json.loads(sys.argv[2]))
    os._exit(0)  # without the exit handlers of the imported libraries, which can take seconds


if __name__ == "__main__":
    main()
