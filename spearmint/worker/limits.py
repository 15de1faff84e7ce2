"""Limits of one job: the time that it takes and the memory that its processes use.

A thread of the worker could not enforce them: code that holds Python's lock would stop it too. So a
watcher, a process of its own, observes the worker from outside. It is forked before the worker
connects to the database, while there is nothing that must not be shared, and it is no child of the
worker: an objective may wait for all of its children. It only computes times and reads memory. If a
limit is exceeded, it halts the job's processes and becomes `overrun`, which stores that result and
kills them.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

import psutil

from spearmint import processes
from spearmint.config.sizes import shown_size
from spearmint.worker import fresh_process
from spearmint.worker.job_processes import JobProcesses
from spearmint.worker.job_spec import JobSpec

#: Memory is read so often that this takes at most this share of one processor.
SHARE = 0.02
#: The shortest and the longest time between two looks at the memory, in seconds.
INTERVALS_S = (0.1, 1.0)
#: The longest time between two looks at whether the worker still runs, in seconds.
LOOK_S = 5.0
#: The name of the watcher's process, as `ps` shows it. It is no longer than the system allows.
NAME = "job watcher"
_OVERRUN = "spearmint.worker.overrun"
#: Of all processes, the system ends those of the job first if it is out of memory (0 to 1000).
OOM_SCORE = 500
_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGCONT", "SIGTSTP")


class Watcher:
    """The process that watches over this one for a `with` block; `start` makes it.

    Args:
        channel: Leads to the watcher; None if there is none.
        identity: Identity of the watcher; None if it has ended already.
    """

    def __init__(self, channel: socket.socket | None = None, identity: str | None = None) -> None:
        self._channel = channel
        self._identity = identity

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @classmethod
    def start(cls, spec: JobSpec) -> Watcher:
        """Starts the watcher of this process if the job has limits.

        Raises:
            OSError: The system does not allow another process.
        """
        if spec.timeout_s is None and spec.memory_bytes is None:
            return cls()
        if spec.memory_bytes is not None:
            with suppress(OSError):
                Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE), encoding="ascii")
        worker = os.getpid()
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            _leave(ours, theirs, worker, spec)
        theirs.close()
        os.waitpid(child, 0)
        number = ours.recv(32)
        if not number:
            ours.close()
            raise OSError("no process for the limits of the job can be started")
        return cls(ours, processes.identity(int(number)))

    def begin(self, attempt: int) -> None:
        """Begins to count the job's time.

        Args:
            attempt: The attempt that this worker has claimed.
        """
        if self._channel is not None:
            with suppress(OSError):
                self._channel.send(str(attempt).encode())

    def stop(self) -> None:
        """Ends the watcher: what follows is not limited."""
        if self._identity is not None:
            _kill(self._identity)
            self._identity = None
        if self._channel is not None:
            with suppress(OSError):
                self._channel.close()
            self._channel = None


def is_watcher(pid: int) -> bool:
    """Whether a process is a watcher, or ends the job of one; also if that is unknown yet."""
    try:
        process = psutil.Process(pid)
        # In this order: the system changes the command before the name when a watcher becomes
        # `overrun`, so that a process that has lost the name has no command yet, or the new one.
        if process.name() == NAME:
            return True
        command = process.cmdline()
        return not command or any(_OVERRUN in part for part in command)
    except psutil.Error:
        return False


def _kill(identity: str) -> None:
    if processes.is_alive(identity):
        with suppress(ProcessLookupError):
            os.kill(int(identity.split(":")[1]), signal.SIGKILL)


def _leave(ours: socket.socket, theirs: socket.socket, worker: int, spec: JobSpec) -> NoReturn:
    """In the child: leaves the watching to a process without relation to the worker."""
    try:
        ours.close()
        os.setsid()
        with suppress(OSError):  # before the watcher begins, and can be taken for something else
            Path("/proc/self/comm").write_text(NAME, encoding="ascii")
        pid = os.fork()
        if pid > 0:
            theirs.send(str(pid).encode())
            os._exit(0)
        for name in _SIGNALS:
            signal.signal(signal.Signals[name], signal.SIG_IGN)
        _watch(theirs, worker, spec)
    finally:
        os._exit(0)


def _watch(channel: socket.socket, worker: int, spec: JobSpec) -> None:
    """Returns when the worker has ended; else becomes the process that ends the job."""
    name = processes.identity(worker)
    poll, gone = select.poll(), _exit_descriptor(worker)
    if name is None:
        return
    if gone is not None:
        poll.register(gone, select.POLLIN)
    poll.register(channel, select.POLLIN)
    attempt = b""
    while not attempt:  # the worker waits for the database
        poll.poll(1000 * LOOK_S)
        if not processes.is_alive(name):
            return
        with suppress(BlockingIOError):
            channel.setblocking(False)
            attempt = channel.recv(32)
            if not attempt:
                return  # the worker has closed its end
    poll.unregister(channel)  # the objective may close every descriptor
    limit = _overrun(poll, name, JobProcesses(worker, {os.getpid()}), spec)
    if limit is not None:
        _end(worker, int(attempt), spec, limit)


def _overrun(
    poll: select.poll, name: str, job: JobProcesses, spec: JobSpec
) -> tuple[str, str] | None:
    """Which limit the job has exceeded, and a sentence about it; None if it ended before."""
    began, pause_s = time.monotonic(), INTERVALS_S[0]
    while True:
        left_s = LOOK_S
        if spec.timeout_s is not None:
            left_s = min(left_s, spec.timeout_s - (time.monotonic() - began))
            if left_s <= 0:
                reason = f"ended: it took longer than job-timeout, {spec.timeout_s:g} s"
                return "job-timeout", reason
        if spec.memory_bytes is not None:
            looked = time.monotonic()
            if job.memory(spec.memory_bytes) > spec.memory_bytes:
                size = shown_size(spec.memory_bytes)
                return "job-memory", f"ended: it used more memory than job-memory, {size}"
            low, high = INTERVALS_S
            pause_s = min(max((time.monotonic() - looked) / SHARE, low), high)
            left_s = min(left_s, pause_s)
        poll.poll(1000 * left_s)
        if not processes.is_alive(name):
            return None


def _exit_descriptor(pid: int) -> int | None:
    """A descriptor that becomes readable when a process ends; None if the system has none."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _end(worker: int, attempt: int, spec: JobSpec, limit: tuple[str, str]) -> NoReturn:
    """Halts the job, and becomes a new process that stores the result and kills the job."""
    JobProcesses(worker, {os.getpid()}).halt()
    order = {"worker": worker, "attempt": attempt, "limit": limit, "spec": asdict(spec)}
    read, write = os.pipe()
    os.write(write, json.dumps(order).encode())  # not in the arguments: it may have a password
    os.close(write)
    os.dup2(read, 0)
    command = fresh_process.command(_OVERRUN)
    os.execve(command[0], command, fresh_process.variables())  # noqa: S606
