"""The tests' stand-in for nvidia-smi, for objectives that measure power without a GPU."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

from benchmarks.faults.experiment import ROOT

PROGRAM = ROOT / "tests" / "hwsearch" / "meters" / "fake_nvidia_smi" / "nvidia-smi"
FIELDS = {"power.draw.instant": "42.00 W", "power.draw": "42.00 W"}
SCENARIO = {"driver": "550.54", "gpus": [{"uuid": "GPU-1", "name": "NVIDIA T4", "fields": FIELDS}]}


def variables(home: Path) -> dict[str, str]:
    """An environment in which `nvidia-smi` is the stand-in.

    Args:
        home: Where its files go, beside it: `<home>-smi`.
    """
    folder = home.with_name(f"{home.name}-smi")
    folder.mkdir(parents=True)
    scenario = folder / "scenario.json"
    scenario.write_text(json.dumps(SCENARIO), encoding="utf-8")
    program = folder / "nvidia-smi"
    start = shlex.join([sys.executable, "-I", "-S", str(PROGRAM)])
    program.write_text(f'#!/bin/sh\nexec {start} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "FAKE_NVIDIA_SMI": str(scenario),
    }
