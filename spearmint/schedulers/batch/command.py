"""The commands of a batch system, run and answered."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: A command that says nothing for so long is given up, in seconds: a controller that does not
#: answer makes some wait for half a minute.
PATIENCE_S = 90.0


class Unanswered(Exception):  # noqa: N818 - a state, which may pass
    """The batch system did not answer: nothing is known of its jobs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit status; -1 where it did not come to an end."""

    status: int
    out: str = ""
    err: str = ""

    @property
    def said(self) -> str:
        """All it printed, as one line for a person."""
        words = " ".join(f"{self.err}\n{self.out}".split())
        return words[-500:] or f"nothing, and ended with status {self.status}"


def ask(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    patience_s: float = PATIENCE_S,
) -> Answer:
    """Runs a command to its end; one that cannot be run is an answer too.

    It runs in a session of its own: Ctrl-C must not tear a submission apart.

    Args:
        command: Program and arguments.
        folder: Where it runs.
        environment: Its variables; by default this process's.
        patience_s: Seconds that it may take.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience_s,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(-1, err=f"{command[0]} gave no answer within {patience_s:g} s")
    except OSError as error:
        return Answer(-1, err=f"{command[0]} cannot be run: {error.strerror}")
    return Answer(done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr))


def told(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> str:
    """What a command printed that ended well.

    Args:
        command: Program and arguments.
        environment: Its variables; by default this process's.

    Raises:
        Unanswered: It did not end with status 0.
    """
    answer = ask(command, environment=environment)
    if answer.status != 0:
        raise Unanswered(answer.said)
    return answer.out
