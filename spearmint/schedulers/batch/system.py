"""What a batch system is to this tool: its commands, and what their answers mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from spearmint.schedulers.batch.command import Answer


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch job as the queue has it.

    Attributes:
        waiting: It has not begun.
        ended: How it ended, for a person; None while it waits or runs.
        excused: It did not end for a reason of its own.
    """

    waiting: bool = False
    ended: str | None = None
    excused: bool = False


class System(Protocol):
    """A batch system: its commands, and what their answers mean.

    Attributes:
        name: As in config.json.
        programs: What must be on PATH.
        number: What the shell on the node calls the batch job's number.
        signals: Names of the signals by which it asks a job to end, SIGTERM apart.
        longest_name: Of a job's name, in characters.
        plain: A path that it takes as it is.
        log: Ends the name of the file that it writes what it has to say to.
    """

    name: str
    programs: tuple[str, ...]
    number: str
    signals: tuple[str, ...]
    longest_name: int
    plain: re.Pattern[str]
    log: str

    def submission(self, name: str, log: str, args: Sequence[str], file: str) -> list[str]:
        """The command that submits a script.

        Args:
            name: The job's name.
            log: Where the batch system is to write.
            args: The user's arguments.
            file: The script's name in the current folder.
        """

    def submitted(self, answer: Answer) -> str | None:
        """The batch job's number; None where it was refused."""

    def look(self, ids: Collection[str]) -> dict[str, Seen]:
        """These batch jobs as the queue has them, with one command; others may be in it too.

        Raises:
            Unanswered: The batch system does not answer.
        """

    def cancel(self, ids: Collection[str]) -> list[str]:
        """The command that ends batch jobs."""

    def nodes(self) -> list[str]:
        """Host names of all its nodes.

        Raises:
            Unanswered: It does not tell.
        """
