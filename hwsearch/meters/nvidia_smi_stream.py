"""nvidia-smi as a stream: one process for a whole measurement, which ends with it in any case."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from hwsearch.meters.clock import Clock
from hwsearch.meters.nvidia_smi_text import NotANumberError, Row
from hwsearch.meters.protocol import MeterReadError, Reading

NAME = "nvidia_smi"
BAD_ROWS = 3  # in a row: single ones happen ("ERR!" while the driver is busy)
LATEST_S = 10.0

# A child that the kernel kills when its parent ends, however that ends. preexec_fn would do it in
# a forked copy of a process full of threads; this does it in a fresh one.
TIED = (
    "import ctypes, os, sys\n"
    "ctypes.CDLL(None).prctl(1, 9)\n"
    "os.getppid() == int(sys.argv[1]) and os.execvp(sys.argv[2], sys.argv[2:])\n"
)


def environment() -> dict[str, str]:
    """Numbers with a point, whatever the user's language."""
    return os.environ | {"LC_ALL": "C"}


class Stream:
    """A running nvidia-smi and a thread that reads its rows as they come.

    Args:
        command: The program and its arguments.
        feed: Turns a line into a row or None; raises NotANumberError.
        clock: Gives the times of readings.

    Attributes:
        skipped: Lines that held no number.
    """

    def __init__(self, command: list[str], feed: Callable[[str], Row | None], clock: Clock) -> None:
        self.skipped = 0
        self._feed = feed
        self._clock = clock
        self._bad_in_a_row = 0
        self._given_s = -1.0
        self._newest: Reading | None = None
        self._error: MeterReadError | None = None
        self._changed = threading.Condition()
        tied = [sys.executable, "-I", "-S", "-c", TIED, str(os.getpid()), *command]
        self._process = subprocess.Popen(
            tied if sys.platform == "linux" else command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=environment(),
        )
        self._thread = threading.Thread(target=self._read_all, name=NAME, daemon=True)
        self._thread.start()

    def next(self, timeout_s: float) -> Reading:
        """The newest row not given yet; waits for it.

        Raises:
            MeterReadError: Nvidia-smi ended, is silent, or gives no numbers.
        """
        with self._changed:
            came = self._changed.wait_for(
                lambda: self._error or (self._newest and self._newest.time_s > self._given_s),
                timeout_s,
            )
            if self._error is not None:
                raise self._error
            if not came or self._newest is None:
                raise MeterReadError(
                    NAME,
                    f"nvidia-smi has been silent for {timeout_s:.0f} s",
                    "the driver may hang: run nvidia-smi by hand",
                )
            self._given_s = self._newest.time_s
            return self._newest

    def close(self) -> None:
        """Ends the program; SIGKILL, because one that hangs in the driver heeds nothing else."""
        self._process.kill()
        self._process.wait()
        self._thread.join(timeout=5)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read_all(self) -> None:
        last_line = ""
        for raw in self._process.stdout or ():
            arrived, wall = self._clock.now(), time.time()
            line = raw.decode(errors="replace").rstrip()
            if not line:
                continue
            last_line = line
            try:
                row = self._feed(line)
            except NotANumberError as error:
                self._bad(str(error))
                continue
            if row is not None:
                self._good(Reading(moment(row, arrived, wall), row.watts))
        status = self._process.wait()
        with self._changed:
            self._error = self._error or MeterReadError(
                NAME,
                f"nvidia-smi ended by itself (status {status}, its last line: {last_line!r})",
                "run nvidia-smi by hand to see what is wrong",
            )
            self._changed.notify_all()

    def _good(self, reading: Reading) -> None:
        with self._changed:
            self._bad_in_a_row = 0
            if self._newest is None or reading.time_s > self._newest.time_s:
                self._newest = reading
                self._changed.notify_all()

    def _bad(self, what: str) -> None:
        with self._changed:
            self.skipped += 1
            self._bad_in_a_row += 1
            if self._bad_in_a_row >= BAD_ROWS and self._error is None:
                self._error = MeterReadError(
                    NAME,
                    f"nvidia-smi gives no power ({what!r})",
                    "run nvidia-smi by hand to see what is wrong",
                )
                self._changed.notify_all()


def moment(row: Row, arrived: float, wall: float) -> float:
    """When nvidia-smi looked, on our clock: its own time if that is a little before the arrival."""
    lag = wall - row.wall_s if row.wall_s is not None else 0.0
    return arrived - lag if 0 <= lag <= LATEST_S else arrived
