"""One trial: the command, a fault in it, and the same command until the experiment has ended."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from benchmarks.faults import processes
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.verdict import Verdict, judge

#: How long one command may take, and how often it is given, until the trial counts as stuck.
COMMAND_S, COMMANDS = 150.0, 6
#: How long processes may take to end after the last command has ended, in seconds.
GOODBYE_S = 15.0


class MissedError(Exception):
    """The run ended before the fault could strike."""


@dataclass(frozen=True, slots=True)
class Struck:
    """What a fault did.

    Attributes:
        pid: The process that it hit, if it was one process.
        may_break: How many jobs it may break.
        note: For people.
    """

    pid: int | None = None
    may_break: int = 0
    note: str = ""


class Fault(Protocol):
    """A kind of fault, ready to strike once."""

    def strike(self, experiment: Experiment, run: subprocess.Popen[bytes]) -> Struck:
        """Waits for its moment, strikes, and undoes what it did (a server runs again).

        Raises:
            MissedError: The run ended first.
        """


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a trial.

    Attributes:
        kind: Of the fault.
        database: Of the experiment.
        number: Of the trial among those of its kind.
        statuses: Exit statuses of the commands; None for one that had to be killed.
        verdict: What the database and the log say.
        orphans: Command lines of processes that were left behind.
        began_after_end: Jobs that the last command ran, after the experiment had ended.
        seconds: Time of all commands together.
        note: What the fault did.
    """

    kind: str
    database: str
    number: int
    statuses: list[int | None]
    verdict: Verdict
    orphans: list[str]
    began_after_end: int
    seconds: float
    note: str = ""
    faults: list[str] = field(init=False)

    def __post_init__(self) -> None:
        found = [f"{count} {what}" for what, count in asdict(self.verdict).items() if count]
        found += [f"left behind: {name}" for name in self.orphans]
        if stuck := self.statuses.count(None):
            found.append(f"{stuck} commands did not end")
        if self.statuses[-1] != 0:
            found.append(f"the last command ended with {self.statuses[-1]}")
        if self.began_after_end:
            found.append(f"{self.began_after_end} jobs began after the end")
        object.__setattr__(self, "faults", found)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def run(experiment: Experiment, fault: Fault, *, kind: str, database: str, number: int) -> Result:
    """Runs a trial.

    Raises:
        MissedError: The run ended before the fault could strike.
    """
    began = time.monotonic()
    statuses: list[int | None] = []
    first = experiment.start()
    try:
        struck = fault.strike(experiment, first)
        statuses.append(_ended(first))
        while len(statuses) < COMMANDS and statuses[-1] != 0:
            statuses.append(_ended(experiment.start()))
        seconds = time.monotonic() - began
        before = len(experiment.events())
        statuses.append(_ended(experiment.start()))  # of an experiment that has ended
    except BaseException:
        first.kill()
        first.wait()
        processes.left_behind(experiment.name, 0.0)
        raise
    orphans = processes.left_behind(experiment.name, GOODBYE_S)
    events = experiment.events()
    return Result(
        kind=kind,
        database=database,
        number=number,
        statuses=statuses,
        verdict=judge(
            experiment.stored(),
            events,
            experiment.jobs,
            struck=struck.pid,
            may_break=struck.may_break,
        ),
        orphans=orphans,
        began_after_end=len(events) - before,
        seconds=round(seconds, 2),
        note=struck.note,
    )


def wait_until(
    condition: Callable[[], object], run: subprocess.Popen[bytes], pause_s: float = 0.01
) -> None:
    """Waits for a condition.

    Raises:
        MissedError: The run ended, or a command's time is over.
    """
    end = time.monotonic() + COMMAND_S
    while not condition():
        if run.poll() is not None or time.monotonic() > end:
            raise MissedError
        time.sleep(pause_s)


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """A command's exit status; None if it took too long and was killed."""
    try:
        return process.wait(COMMAND_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None
