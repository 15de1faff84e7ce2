"""A batch system that exists only in these tests."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from spearmint.schedulers.batch.command import Answer, NoAnswerError
from spearmint.schedulers.batch.system import BatchSystem, QueueEntry


class FakeSystem(BatchSystem):
    """Answers submissions with a shell command, and has a queue that tests fill.

    Attributes:
        submit: The shell command that "submits"; it finds the script's name in $1.
        entries: The queue, by number.
        named: The numbers that have the name of the last submission.
        silent: The reason why the queue does not respond.
        cancel: The command that "cancels" jobs.
        cancelled: Numbers of the jobs that were cancelled, one list per command.
        queries: How often the queue was queried.
    """

    name = "FAKE"
    programs = ("fakesub", "fakestat")
    number_variable = "$FAKE_ID"
    signals = ("SIGUSR2",)
    longest_name = 10
    literal_path = re.compile(r"[\w./ -]+")
    log_suffix = ".log"

    def __init__(self, submit: str = "echo 1") -> None:
        self.submit = submit
        self.entries: dict[str, QueueEntry] = {}
        self.named: list[str] = []
        self.names: list[str] = []
        self.silent: str | None = None
        self.cancel = "true"
        self.cancelled: list[list[str]] = []
        self.queries = 0

    def submit_command(self, name: str, log: str, args: Sequence[str], file: str) -> list[str]:
        self.names.append(name)
        return ["sh", "-c", self.submit, name, log, *args, file]

    def submitted_number(self, answer: Answer) -> str | None:
        return answer.out.strip() or None

    def find(self, name: str) -> list[str]:
        if self.silent is not None:
            raise NoAnswerError(self.silent)
        assert name in self.names
        return self.named

    def query(self, numbers: Collection[str]) -> dict[str, QueueEntry]:
        self.queries += 1
        if self.silent is not None:
            raise NoAnswerError(self.silent)
        return dict(self.entries)

    def cancel_command(self, numbers: Collection[str]) -> list[str]:
        self.cancelled.append(list(numbers))
        return [self.cancel, *numbers]

    def nodes(self) -> list[str]:
        return []
