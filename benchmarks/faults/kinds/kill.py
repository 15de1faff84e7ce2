"""SIGKILL of one process at a random moment."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from benchmarks.faults import processes
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.trial import MissedError, Struck


@dataclass(frozen=True, slots=True)
class Kill:
    """Kills the first process of a role that runs after a moment.

    Args:
        role: One of `processes.ROLES`.
        after_s: The moment, in seconds after the start of the command.
    """

    role: str
    after_s: float

    def strike(self, experiment: Experiment, run: subprocess.Popen[bytes]) -> Struck:
        del experiment
        pid = processes.first_of_role(run, self.role, self.after_s)
        if pid is None:
            raise MissedError
        processes.kill(pid)
        # Without its training script or its meter, an objective fails.
        broken = int(self.role in {processes.TRAINING, processes.METER})
        return Struck(pid, broken, f"{self.role} after {self.after_s:.3f} s")
