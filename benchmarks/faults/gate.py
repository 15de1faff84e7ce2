"""Moments at which processes of a trial wait until the benchmark lets them continue."""

from __future__ import annotations

import os
import time
from pathlib import Path

#: Variables of the environment: files that must exist before jobs are claimed, or results stored.
CLAIM, STORE = "FAULTS_GATE_CLAIM", "FAULTS_GATE_STORE"
#: After this time a process continues anyway: nothing of a failed trial may stay behind.
PATIENCE_S = 120.0


def wait(variable: str) -> None:
    """Waits until the variable's file exists; returns at once if the variable is not set."""
    path = os.environ.get(variable)
    end = time.monotonic() + PATIENCE_S
    while path and not Path(path).exists() and time.monotonic() < end:
        time.sleep(0.02)
