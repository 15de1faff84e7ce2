"""The environment of a resource's jobs: that of this process, plus what environment-file sets."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from spearmint.database import passwordless
from spearmint.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "SPEARMINT_DB_ADDRESS"


def environment(file: Path | None) -> dict[str, str]:
    """Variables for a job's process; with them, it can import this repository's packages.

    Args:
        file: Sourced by a shell; both `export NAME=value` and `NAME=value` set a variable.

    Raises:
        UserError: The shell cannot source the file.
    """
    variables = dict(os.environ) if file is None else _sourced(file)
    variables["PYTHONPATH"] = os.pathsep.join(module_paths(variables))
    return variables


def without_password(variables: Mapping[str, str]) -> dict[str, str]:
    """Variables without an address with a password, for programs that show or store variables.

    `qstat -j` shows them after `qsub -V`, and accounting databases may keep them.
    """
    address = variables.get(ADDRESS, "")
    hidden = {ADDRESS} if passwordless(address) != address else set()
    return {name: value for name, value in variables.items() if name not in hidden}


def module_paths(variables: Mapping[str, str]) -> list[str]:
    """Folders in which a job finds modules: this repository, then those of PYTHONPATH."""
    # Relative paths mean something else in the job's current folder.
    paths = [
        str(Path(p).absolute()) for p in variables.get("PYTHONPATH", "").split(os.pathsep) if p
    ]
    return list(dict.fromkeys([str(ROOT), *paths]))


def _sourced(file: Path) -> dict[str, str]:
    shell = shutil.which("bash") or "/bin/sh"
    script = 'set -a; . "$1" >&2 || exit; exec env -0'
    try:
        done = subprocess.run(
            [shell, "-c", script, shell, str(file.absolute())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"environment-file: {file}: cannot be sourced: {error}") from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["(no output)"]
        raise UserError(
            f"environment-file: {file}: sourcing it ended with status {done.returncode}: "
            f"{lines[-1]}"
        )
    pairs = (os.fsdecode(item).partition("=") for item in done.stdout.split(b"\0") if item)
    return {name: value for name, _, value in pairs}
