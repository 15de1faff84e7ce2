"""All processes of a running job: its worker, their descendants, and the worker's session."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

#: New processes may appear while the others are halted: how often they are looked for.
ROUNDS = 10


class JobProcesses:
    """The processes of a job.

    Args:
        worker: The number of the process that claimed the job.
        apart: Processes that are none of the job's, although they descend from its worker.
    """

    def __init__(self, worker: int, apart: Iterable[int] = ()) -> None:
        self.worker = worker
        self._apart = frozenset(apart)
        try:
            self._leads_session = os.getsid(worker) == worker
        except OSError:
            self._leads_session = False

    def numbers(self) -> set[int]:
        """The numbers of the processes that run now."""
        found = {self.worker}
        with suppress(psutil.Error):
            found |= {child.pid for child in psutil.Process(self.worker).children(recursive=True)}
        if self._leads_session:
            found |= {pid for pid in psutil.pids() if _session(pid) == self.worker}
        return found - self._apart

    def memory(self, enough: int) -> int:
        """The resident memory of all processes, in bytes.

        Args:
            enough: Up to this sum, pages that processes share are counted in each of them, which
                is quicker to find out; above it, they count once in all, where the system tells.
        """
        numbers = self.numbers()
        most = sum(_memory(pid) for pid in numbers)
        return most if most <= enough else sum(_proportional_memory(pid) for pid in numbers)

    def halt(self) -> None:
        """Halts all processes: from now on they neither compute nor take memory."""
        halted: set[int] = set()
        for _ in range(ROUNDS):
            running = self.numbers() - halted
            if not running:
                return
            _send(running, signal.SIGSTOP)
            halted |= running

    def kill(self) -> None:
        """Kills all processes, the worker last."""
        _send(self.numbers() - {self.worker}, signal.SIGKILL)
        _send({self.worker}, signal.SIGKILL)

    def kill_others(self) -> None:
        """Kills all processes but the worker, also those that appear meanwhile."""
        killed = {self.worker}
        for _ in range(ROUNDS):
            running = self.numbers() - killed
            if not running:
                return
            _send(running, signal.SIGKILL)
            killed |= running


def _send(numbers: Iterable[int], number: signal.Signals) -> None:
    for pid in numbers:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _memory(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _proportional_memory(pid: int) -> int:
    """Memory with each shared page divided among the processes that have it."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return 1024 * int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return _memory(pid)
