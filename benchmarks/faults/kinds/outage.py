"""A database server that is stopped, and started again some seconds later."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.databases import Restartable
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.trial import MissedError, Struck, wait_until

CLAIM, STORE, RANDOM = "suggestion and claim", "result and store", "a random moment"
MOMENTS = (CLAIM, STORE, RANDOM)


@dataclass(frozen=True, slots=True)
class Outage:
    """Stops the server at a moment.

    Args:
        server: The experiment's database server.
        moment: One of `MOMENTS`.
        after_s: The random moment, in seconds after the start of the command.
        for_s: How long the server stays away.
        gate: The file that lets the experiment's processes continue (see `gate`).
    """

    server: Restartable
    moment: str
    after_s: float
    for_s: float
    gate: Path

    def strike(self, experiment: Experiment, run: subprocess.Popen[bytes]) -> Struck:
        if self.moment == CLAIM:  # workers cannot start: a module is being imported
            wait_until(experiment.stored, run, 0.1)
        elif self.moment == STORE:  # the objective has written its result down, and waits
            wait_until(lambda: any(e.value is not None for e in experiment.events()), run)
        else:
            time.sleep(self.after_s)
            if run.poll() is not None:
                raise MissedError
        self.server.stop()
        self.gate.touch()
        time.sleep(self.for_s)
        self.server.start()
        return Struck(note=f"at {self.moment}, for {self.for_s:.1f} s")
