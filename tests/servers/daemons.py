"""What servers of the tests are made of: programs in the foreground, and wrappers for commands."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

READY_WITHIN_S = 60


class Daemons:
    """Programs that run until stopped, the last first; their output goes to files in a folder."""

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
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def until(self, ready: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + READY_WITHIN_S
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

    def ask(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, capture_output=True, text=True, env=self.environ, timeout=60, check=False
        )


def wrap(bin_folder: Path, programs: Iterable[Path], environ: Mapping[str, str]) -> None:
    """Commands that set variables of their own before they start a program."""
    bin_folder.mkdir()
    settings = [f"export {name}={shlex.quote(value)}" for name, value in environ.items()]
    for program in programs:
        file = bin_folder / program.name
        lines = ["#!/bin/sh", *settings, f'exec {shlex.quote(str(program))} "$@"', ""]
        file.write_text("\n".join(lines))
        file.chmod(0o755)
