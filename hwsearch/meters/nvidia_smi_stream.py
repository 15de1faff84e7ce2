"""nvidia-smi as a stream: one process per measurement, which never outlives this process."""

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
BAD_ROWS = 3  # in succession; single bad rows happen ("ERR!" while the driver is busy)
LATEST_S = 10.0

# The kernel kills the child when its parent ends for any reason (PR_SET_PDEATHSIG). A preexec_fn
# would run this in a forked copy of a process with many threads; this runs it in a new process.
TIED = (
    "import ctypes, os, sys\n"
    "ctypes.CDLL(None).prctl(1, 9)\n"
    "os.getppid() == int(sys.argv[1]) and os.execvp(sys.argv[2], sys.argv[2:])\n"
)


def environment() -> dict[str, str]:
    """An environment in which nvidia-smi prints numbers with a decimal point."""
    return os.environ | {"LC_ALL": "C"}


class Stream:
    """A running nvidia-smi, and a thread that reads its rows as they arrive.

    Args:
        command: The program and its arguments.
        feed: Converts a line to a row, or to None if it holds no row; raises NotANumberError.
        clock: Gives the times of the readings.

    Attributes:
        skipped: Number of lines without a power value.
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
        """The newest row that was not returned before; waits for it.

        Raises:
            MeterReadError: The program ended, is silent, or prints no numbers.
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
                    f"no row from nvidia-smi for {timeout_s:.0f} s",
                    "the driver may hang: run nvidia-smi by hand",
                )
            self._given_s = self._newest.time_s
            return self._newest

    def close(self) -> None:
        """Kills the program: other signals have no effect while it hangs in the driver."""
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
                f"nvidia-smi ended unexpectedly (status {status}; last line: {last_line!r})",
                "run nvidia-smi by hand to find the fault",
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
                    f"nvidia-smi reports no power ({what!r})",
                    "run nvidia-smi by hand to find the fault",
                )
                self._changed.notify_all()


def moment(row: Row, arrived: float, wall: float) -> float:
    """When nvidia-smi read the sensor, on our clock.

    Its own timestamp if that is up to 10 s before the arrival of the row; otherwise the arrival:
    then the date was changed meanwhile.
    """
    lag = wall - row.wall_s if row.wall_s is not None else 0.0
    return arrived - lag if 0 <= lag <= LATEST_S else arrived
