"""What run_tool.sh searches if no experiment is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hwsearch.launch.command import flags
from hwsearch.launch.machine.keras_device import keras_uses_gpu

EXPERIMENT = Path("experiments", "digits")
OBJECTIVE, LIMIT = ("--optimize", "error"), ("--max_finished_jobs", "20")
#: A third of random networks meet the budget, which is determined on the machine at hand.
SHARE = "33%"


def completed(argv: Sequence[str], root: Path) -> list[str]:
    """The flags of the default search followed by the given ones, which take precedence.

    If an experiment is named or nothing is searched, the given ones alone. A resumed run has its
    settings already.

    Args:
        argv: The flags of gener_experiment.py.
        root: The folder of run_tool.sh.

    Raises:
        UserError: A flag has no value.
        SystemExit: After `--help`.
    """
    given = flags.parser().read(argv)[0]
    if given.experiment or given.list_meters:
        return list(argv)
    added = ["--experiment", str(root / EXPERIMENT)]
    if not given.resume:
        has_other = given.maximize or given.minimize
        added += LIMIT if has_other else (*OBJECTIVE, *LIMIT)
        is_error = not has_other and given.optimize in {None, "error"}
        if is_error and not (given.constraint or given.sweep):
            metric = "power" if _can_measure_power() else "runtime"
            added += ["--constraint", metric, "--constraint_val", SHARE]
    return [*added, *argv]


def _can_measure_power() -> bool:
    """Whether there is an NVIDIA GPU that Keras uses; says so if Keras does not use it."""
    if not _has_nvidia_gpu():
        return False
    if keras_uses_gpu():
        return True
    note = "note: nvidia-smi works, but Keras runs on the CPU: the budget bounds runtime"
    print(note, file=sys.stderr)  # standard output may be for --json alone
    return False


def _has_nvidia_gpu() -> bool:
    try:
        done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
