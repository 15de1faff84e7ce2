"""A job of HyperPower's own pieces: a rendered template in a process, its power by nvidia-smi.

There is no GPU: the tests' stand-in answers in place of nvidia-smi.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.faults import event_log, gate
from hwsearch.atomic_files import write_atomic
from hwsearch.meters.nvidia_smi import NvidiaSmiMeter
from hwsearch.template import Template

SCRIPT = """
import time
x = HYPERPARAM{"type": "FLOAT", "token": "x", "min": 0, "max": 1}
y = HYPERPARAM{"type": "FLOAT", "token": "y", "min": 0, "max": 1}
for _ in range(5):
    time.sleep(0.01 + 0.03 * x)
print(repr(x**2 + y))
"""


def main(job_id: int, params: dict[str, Any]) -> dict[str, Any]:
    event_log.write(event_log.BEGAN, job_id)
    script = Path.cwd() / f"training-{job_id}.py"
    write_atomic(script, Template.parse(SCRIPT).render(params))
    with NvidiaSmiMeter() as meter:
        done = subprocess.run([sys.executable, "-I", "-S", script], capture_output=True, check=True)
        power_w = meter.read("power").value
    value = float(done.stdout)
    event_log.write(event_log.RETURNED, job_id, value)
    gate.wait(gate.STORE)
    return {"main": value, "measurements": {"power": power_w}}
