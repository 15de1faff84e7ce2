"""A small file system of its own that becomes full while jobs run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.event_log import returned
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.trial import Struck, wait_until

SIZE = "2m"


@dataclass(frozen=True, slots=True)
class FullDisk:
    """Fills a disk after some jobs, and empties it some seconds later.

    Args:
        disk: Its folder.
        jobs: How many jobs have returned a value by then.
        for_s: How long it stays full.
    """

    disk: Path
    jobs: int
    for_s: float

    def strike(self, experiment: Experiment, run: subprocess.Popen[bytes]) -> Struck:
        wait_until(lambda: len(returned(experiment.events())) >= self.jobs, run)
        filler = self.disk / "filler"
        fill(filler)
        end = time.monotonic() + self.for_s
        while time.monotonic() < end and run.poll() is None:
            time.sleep(0.1)
            fill(filler)  # what was freed meanwhile
        filler.unlink()
        return Struck(note=f"after {self.jobs} jobs, for {self.for_s:.1f} s")


def fill(path: Path) -> None:
    """Appends to a file until the disk has no byte left."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while os.write(file, b"\0" * size) == size:
                    pass
    finally:
        os.close(file)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A tmpfs of `SIZE`, for the time of a `with` block; only root can mount one."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def unavailable(folder: Path) -> str | None:
    """Why this machine cannot mount one; None if it can."""
    try:
        with small_disk(folder):
            return None
    except (OSError, subprocess.CalledProcessError) as error:
        return f"cannot mount a tmpfs: {error}"
