"""Runs the commands of a batch system."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: How long a command may take, in seconds. Some wait half a minute for a server that is down.
TIMEOUT_S = 90.0


class NoAnswerError(Exception):
    """The batch system did not respond; nothing is known about its jobs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit status; -1 if it did not run to its end."""

    status: int
    out: str = ""
    err: str = ""

    @property
    def line(self) -> str:
        """All that it printed, as one line for a person."""
        text = " ".join(f"{self.err}\n{self.out}".split())
        return text[-500:] or f"no output, exit status {self.status}"


def run(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Runs a command; one that cannot be run gives an answer too.

    It runs in a session of its own, so that Ctrl-C does not interrupt a submission.

    Args:
        command: Program and arguments.
        folder: Its current folder (default: this process's).
        environment: Its environment (default: this process's).
        timeout_s: How long it may take, in seconds.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(-1, err=f"{command[0]} did not finish within {timeout_s:g} s")
    except OSError as error:
        return Answer(-1, err=f"{command[0]} cannot be run: {error.strerror}")
    return Answer(done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr))


def output_of(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> str:
    """The standard output of a command that succeeds.

    Args:
        command: Program and arguments.
        environment: Its environment (default: this process's).

    Raises:
        NoAnswerError: Its exit status is not 0.
    """
    answer = run(command, environment=environment)
    if answer.status != 0:
        raise NoAnswerError(answer.line)
    return answer.out
