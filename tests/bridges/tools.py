"""Runs `with_tools.py` in .venv-bridges."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def read_back(tool: str, folder: Path) -> Any:
    """What a tool reads of a run that was written for it; skips the test if it is not installed."""
    python = ROOT / ".venv-bridges" / "bin" / "python"
    if not python.exists():
        reason = "no .venv-bridges: run tests/bridges/install.sh"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run(
        [str(python), str(Path(__file__).with_name("with_tools.py")), tool, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
