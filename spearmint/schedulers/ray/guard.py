"""The process on a node that starts a job, and ends it when it is told to.

It is run as a file by any Python, without this repository's packages and without other modules than
those of the standard library. It talks to the actor that started it by JSON objects on lines:

    -> {"script": text}        at first: the job, as a script for a login shell
    -> {"grace_s": seconds}    end the job: SIGTERM, and SIGKILL after a grace period
    <- {"status": number or null, "output": line, "told": bool}

A negative status is the signal that killed the job. The line is the last one that it wrote to
standard error while that was not its output file yet: why it could not begin. "told" says that
this process was sent SIGTERM too: then its machine is told to end, not only the job.

When the actor ends, however that happens, standard input closes and the job is told to end as well.
Ray kills the children of a process that ends, so this process makes itself nobody's child.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from contextlib import suppress

#: How long a job may take to put itself back after its actor has ended, in seconds.
GRACE_S = 30.0
#: The job's own SIGTERM comes first when all processes of a machine get one: two would disturb it.
NOTICE_S = 1.0


class Guard:
    """Runs one job.

    Attributes:
        told: Whether this process was sent SIGTERM.
    """

    def __init__(self) -> None:
        self.told = False
        self._input = b""
        self._is_open = True
        self._ask_at: float | None = None
        self._kill_at: float | None = None
        self._grace_s = GRACE_S
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)
        signal.signal(signal.SIGTERM, self._notice)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def run(self, script: str) -> dict[str, object]:
        """Runs the script until it ends; returns what the actor is told.

        Raises:
            OSError: The system does not allow another process.
        """
        child = subprocess.Popen(
            ["/bin/bash", "-l"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with suppress(BrokenPipeError):
            child.stdin.write(script.encode("utf-8", "surrogateescape"))  # type: ignore[union-attr]
            child.stdin.close()  # type: ignore[union-attr]
        while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            self._wait()
            self._act(child.pid)
        # While the leader is a zombie, no other process can get the number of its group.
        _kill(child.pid)
        status = child.wait()
        line = _last_line(child.stderr.fileno())  # type: ignore[union-attr]
        return {"status": status, "output": line, "told": self.told}

    def _wait(self) -> None:
        sources = [self._wake_read] + ([0] if self._is_open else [])
        times = [at for at in (self._ask_at, self._kill_at) if at is not None]
        timeout = max(0.0, min(times) - time.monotonic()) if times else None
        ready, _, _ = select.select(sources, [], [], timeout)
        if self._wake_read in ready:
            os.read(self._wake_read, 4096)
        if 0 in ready:
            self._receive()

    def _receive(self) -> None:
        chunk = os.read(0, 65536)
        *lines, self._input = (self._input + chunk).split(b"\n")
        for line in lines:
            self._grace_s = float(json.loads(line)["grace_s"])
            self._ask(0.0)
        if not chunk:
            self._is_open = False
            self._ask(0.0)

    def _notice(self, *_: object) -> None:
        self.told = True
        self._ask(NOTICE_S)

    def _ask(self, after_s: float) -> None:
        """The job is to be asked to end after a time, if it has not been asked already."""
        if self._ask_at is None and self._kill_at is None:
            self._ask_at = time.monotonic() + after_s

    def _act(self, pid: int) -> None:
        now = time.monotonic()
        if self._ask_at is not None and now >= self._ask_at:
            self._ask_at, self._kill_at = None, now + self._grace_s
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        elif self._kill_at is not None and now >= self._kill_at:
            self._kill_at = now + 5.0
            _kill(pid)


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _last_line(pipe: int) -> str:
    """The last line in a pipe."""
    os.set_blocking(pipe, False)
    text = b""
    with suppress(BlockingIOError):  # another process may have kept its other end
        while chunk := os.read(pipe, 65536):
            text = (text + chunk)[-65536:]
    lines = text.decode(errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else ""


def main() -> None:
    """Runs the process."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return
        line += byte
    if os.fork() != 0:
        os._exit(0)
    try:
        answer = Guard().run(json.loads(line)["script"])
    except OSError as error:
        answer = {"status": None, "output": f"cannot start a process: {error}", "told": False}
    with suppress(OSError):  # the actor is gone
        os.write(1, json.dumps(answer).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main()
