"""A job with two more processes: a training script, and a meter that the objective never ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.faults import event_log, gate
from benchmarks.faults.objectives import programs

PYTHON = [sys.executable, "-I", "-S"]
PROGRAMS = Path(programs.__file__).parent


def main(job_id: int, params: dict[str, Any]) -> float:
    event_log.write(event_log.BEGAN, job_id)
    # Whoever runs the job must end it: many scripts leave processes behind.
    meter = subprocess.Popen([*PYTHON, PROGRAMS / "meter.py"], stdout=subprocess.PIPE)
    x, y = float(params["x"][0]), float(params["y"][0])
    done = subprocess.run(
        [*PYTHON, PROGRAMS / "training.py", repr(x), repr(y)], stdout=subprocess.PIPE, check=True
    )
    assert meter.stdout is not None
    if not meter.stdout.readline():
        raise RuntimeError("the meter ended")
    value = float(done.stdout)
    event_log.write(event_log.RETURNED, job_id, value)
    gate.wait(gate.STORE)
    return value
