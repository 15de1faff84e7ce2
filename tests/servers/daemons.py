"""What the tests' servers have in common: programs in the foreground, and wrapped commands."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

#: How long a program may take to start or to stop, in seconds, on a machine that is busy.
PATIENCE_S = 240


class Daemons:
    """Programs that run until they are stopped, in reverse order; their output goes to a folder."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = {**os.environ, **environ}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str | Path) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environ
            )

    def stop(self, *names: str, at_once: bool = False) -> None:
        for name in names or list(self.running)[::-1]:
            process = self.running.pop(name)
            if at_once:
                process.kill()
            terminate(process)

    def until(self, ready: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if any(process.poll() is not None for process in self.running.values()):
                break
            if ready():
                return
            time.sleep(0.1)
        logs = (f"{p.name}: {p.read_text(errors='replace')[-2000:]}" for p in self.logs())
        raise RuntimeError("\n".join([f"{what} is not ready", *logs]))

    def logs(self) -> list[Path]:
        return sorted(self.folder.rglob("*.log"))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=self.environ,
            timeout=PATIENCE_S,
            check=False,
        )


def terminate(process: subprocess.Popen[bytes]) -> None:
    """Ends a program by SIGTERM, as a user would; by SIGKILL if that takes too long."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wrap(bin_folder: Path, programs: Iterable[Path], environ: Mapping[str, str]) -> None:
    """Makes commands that set environment variables before they start a program."""
    bin_folder.mkdir()
    settings = [f"export {name}={shlex.quote(value)}" for name, value in environ.items()]
    for program in programs:
        file = bin_folder / program.name
        lines = ["#!/bin/sh", *settings, f'exec {shlex.quote(str(program))} "$@"', ""]
        file.write_text("\n".join(lines))
        file.chmod(0o755)
