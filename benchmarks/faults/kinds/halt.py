"""SIGSTOP of one process for longer than a lease, as a machine that sleeps or swaps does it."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import dataclass

from benchmarks.faults import processes
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.trial import MissedError, Struck


@dataclass(frozen=True, slots=True)
class Halt:
    """Halts the first process of a role that runs after a moment, then lets it continue.

    Args:
        role: One of `processes.ROLES`.
        after_s: The moment, in seconds after the start of the command.
        for_s: How long it is halted.
    """

    role: str
    after_s: float
    for_s: float

    def strike(self, experiment: Experiment, run: subprocess.Popen[bytes]) -> Struck:
        del experiment
        pid = processes.first_of_role(run, self.role, self.after_s)
        if pid is None:
            raise MissedError
        processes.kill(pid, signal.SIGSTOP)
        time.sleep(self.for_s)
        processes.kill(pid, signal.SIGCONT)
        return Struck(pid, 0, f"{self.role} after {self.after_s:.3f} s")
