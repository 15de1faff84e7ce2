"""The process that workers are forked from, with heavy libraries imported once.

`nursery.py FD PRELOAD` talks over the socket FD, a JSON object a line:

    <- {"ready": true, "forks": bool, "failed": {module: why}}
    -> {"start": name, "spec": {...}}
    <- {"started": name, "identity": ...}
    <- {"ended": name, "status": number}         negative: the signal that killed it

A worker is forked where that is safe, that is, while this process has one thread; else it is a
new process that imports for itself. It leads a process group of its own, which ends with it. When
the socket closes, this process waits for its workers and ends: they are never left as zombies.

The standard library's forkserver was not enough: there is one a process (an environment-file asks
for one a resource), it gives workers no process group, dies of a module that fails with anything
but ImportError, and runs the caller's main module again in each worker.
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
from spearmint.worker import launch
from spearmint.worker.job_spec import JobSpec


def preload(names: list[str]) -> dict[str, str]:
    """Imports modules; returns why those that failed did."""
    failed = {}
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001, RUF100 - whatever a module raises
            failed[name] = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return failed


def can_fork() -> bool:
    """Whether a fork of this process would be a whole copy: Linux, and no second thread.

    Threads that end themselves before a fork, as OpenBLAS' do, are no hindrance: a child that does
    nothing tells which they are.
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
class Nursery:
    """The loop of this process.

    Args:
        channel: The socket.
    """

    channel: socket.socket
    children: dict[int, str] = field(default_factory=dict)
    popen: dict[int, subprocess.Popen[str]] = field(default_factory=dict)
    closed: bool = False
    received: bytes = b""

    def serve(self, names: list[str]) -> None:
        """Imports, then starts workers until the socket closes and the last has ended."""
        waker, wake = socket.socketpair()
        for end in (waker, wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        failed = preload(names)
        gc.freeze()  # a worker's collections leave these pages shared
        self._send({"ready": True, "forks": can_fork(), "failed": failed})
        with selectors.DefaultSelector() as selector:
            selector.register(self.channel, selectors.EVENT_READ)
            selector.register(waker, selectors.EVENT_READ)
            while not self.closed or self.children:
                for key, _ in selector.select():
                    if key.fileobj is waker:
                        with suppress(BlockingIOError):
                            waker.recv(4096)
                    else:
                        self._receive()
                        if self.closed:
                            selector.unregister(self.channel)
                self._reap()

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

    def _start(self, name: str, spec: JobSpec) -> None:
        if can_fork():
            pid = os.fork()
            if pid == 0:
                self._become_worker(spec)
        else:
            code = "from spearmint.worker.process import work; work()"
            child = subprocess.Popen(
                [sys.executable, "-P", "-c", code],
                stdin=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            assert child.stdin is not None  # noqa: S101 - asked for above
            with suppress(BrokenPipeError):
                child.stdin.write(spec.to_json())
                child.stdin.close()
            pid = child.pid
            self.popen[pid] = child  # its own waiting would warn of a process not waited for
        self.children[pid] = name
        self._send({"started": name, "identity": processes.identity(pid)})

    def _become_worker(self, spec: JobSpec) -> NoReturn:
        """In the child: all that ties it to the nursery is undone, then the job runs."""
        status = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.channel.close()
            _reseed()
            status = launch.launch(spec)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            launch.exit_process(status)

    def _reap(self) -> None:
        for pid in list(self.children):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                continue
            # While the leader is a zombie nobody else can have its group's number.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            _, state = os.waitpid(pid, 0)
            status = os.waitstatus_to_exitcode(state)
            if pid in self.popen:
                self.popen.pop(pid).returncode = status
            self._send({"ended": self.children.pop(pid), "status": status})

    def _send(self, message: dict[str, object]) -> None:
        if self.closed:
            return
        try:
            self.channel.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self.closed = True  # the controller is gone


def _reseed() -> None:
    """Each worker its own random numbers, as each process of its own would have."""
    random.seed()
    if "numpy" in sys.modules:
        import numpy as np  # noqa: PLC0415 - only where it is there already

        np.random.seed()  # noqa: NPY002 - the global generator is the one that is shared


def main() -> None:
    """The process."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    Nursery(channel).serve(json.loads(sys.argv[2]))
    os._exit(0)  # without the long farewells of the libraries it has imported


if __name__ == "__main__":
    main()
