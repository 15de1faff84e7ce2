"""The controller's end of the process that checks candidates."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from spearmint import processes
from spearmint.console.printing import one_line
from spearmint.schedulers.child import Child
from spearmint.schedulers.environment import environment

if TYPE_CHECKING:
    from spearmint.config import CandidateCheck, Config

#: Seconds that the process may take to import its modules.
IMPORT_S = 600.0
#: After so many checks in a row without an answer, no more candidates are checked.
MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one candidate.

    Attributes:
        values: Its exact values, by constraint; {} if they could not be computed.
        error: Why they could not; "" if they could.
        predictions: What is expected of other constraints: [mean, standard deviation].
    """

    values: Mapping[str, float]
    error: str = ""
    predictions: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(slots=True)
class Checker:
    """Asks about one candidate after the other.

    Args:
        child: The process.
        constraints: The names that a check may return.
        limit_s: Seconds that one check may take.
        temporary: The folder for temporary files of checks; None = the usual one. A check that is
            ended leaves its files behind, so they are removed with this folder.

    Attributes:
        off: Why no more candidates are checked; "" as long as they are.
        is_ahead: Whether nobody waits for the answer to the last question.
        not_imported: The modules that its process could not import, with the errors.
    """

    child: Child
    constraints: frozenset[str]
    limit_s: float
    temporary: tempfile.TemporaryDirectory[str] | None = None
    off: str = field(default="", init=False)
    is_ahead: bool = field(default=False, init=False)
    not_imported: dict[str, str] = field(default_factory=dict, init=False)
    _asked: int = field(default=0, init=False)
    _since: float | None = field(default=None, init=False)  # None while nothing was asked
    _found: Verdict | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)

    @classmethod
    def create(cls, config: Config, check: CandidateCheck) -> Self:
        """The checker of an experiment; its process is not started yet.

        Raises:
            UserError: The environment-file of the first local resource cannot be sourced.
        """
        local = [one.environment_file for one in config.resources if one.scheduler == "local"]
        name, value = processes.mark(config.experiment)
        # GPUs are for jobs: a library that sees one may reserve all of its memory.
        hidden = {"CUDA_VISIBLE_DEVICES": "-1"}
        variables = {**environment(local[0] if local else None), name: value, **hidden}
        temporary = None
        with suppress(OSError):
            temporary = tempfile.TemporaryDirectory(
                prefix="hyperpower-checks-", ignore_cleanup_errors=True
            )
            variables["TMPDIR"] = temporary.name
        folder = config.folder or Path.cwd()
        settings = {"folder": str(folder), "file": check.file, "function": check.function}
        arguments = [json.dumps({"modules": [*config.preload, *check.preload], **settings})]
        child = Child(sys.executable, "spearmint.checking.server", arguments, variables, folder)
        constraints = frozenset(task.name for task in config.tasks if not task.objective)
        return cls(child, constraints, check.limit_s, temporary)

    def start(self) -> None:
        """Starts the process, which imports its modules, if it does not run."""
        try:
            self.child.start()
        except OSError as error:
            self.off = f"cannot start a process: {error.strerror or error}"

    def ask(self, params: Mapping[str, Any], *, ahead: bool = False) -> None:
        """Asks about a candidate; `answer` gives the verdict. An earlier question is dropped.

        Args:
            params: The candidate.
            ahead: Nobody waits for the answer: it is computed at the lowest priority, a failure
                counts for nothing, and the next question drops it.
        """
        self._since = self._found = None
        self._messages()  # if it has ended meanwhile, this notices it
        self.start()
        self._asked += 1
        self.is_ahead = ahead
        self._since = time.monotonic()
        more = {"ahead": True} if ahead else {}
        self.child.send({"check": self._asked, "params": params, **more})  # read once it is ready

    def drop_ahead(self) -> None:
        """Ends a check that nobody waits for."""
        if self.is_ahead:
            self.is_ahead, self._since, self._found = False, None, None
            self.child.send({"drop": True})

    def answer(self) -> Verdict | None:
        """The verdict on the candidate that was asked about, once; None if there is none yet."""
        self.poll()
        found, self._found = self._found, None
        return found

    def poll(self) -> None:
        """Receives what the process has sent, so that `sources` are readable no longer."""
        if self._since is not None:
            self._found = self._received()
        elif not self.child.ready:
            self._messages()

    def _messages(self) -> list[dict[str, Any]]:
        """Receives messages, and remembers what could not be imported."""
        messages = self.child.receive()
        for message in messages:
            self.not_imported |= message.get("failed", {})
        return messages

    def _received(self) -> Verdict | None:
        was_ready = self.child.ready
        for message in self._messages():
            if message.get("answer") == self._asked:
                return self._verdict(message)
            if "exited" in message:
                line = f": {message['output']}" if message["output"] else ""
                return self._failed(f"the process that checks ended{line}")
        if self.child.ready and not was_ready:
            self._since = time.monotonic()
        limit_s = self.limit_s if self.child.ready else IMPORT_S
        if self._since is None or time.monotonic() - self._since > limit_s:
            if self.is_ahead:  # others may have left it no time
                self.drop_ahead()
                return Verdict({}, "it was dropped")
            self.child.close(leave_running=False)
            return self._failed(f"it took more than {limit_s:g} s")
        return None

    def sources(self) -> list[int]:
        """The file descriptor that becomes readable when the process answers."""
        return [] if self._since is None else self.child.sources()

    def close(self) -> None:
        """Ends the process."""
        self.child.close(leave_running=False)
        if self.temporary is not None:
            self.temporary.cleanup()

    def _verdict(self, message: Mapping[str, Any]) -> Verdict:
        if "error" in message:
            return self._failed(str(message["error"]))
        values, predictions = message["values"], message["predictions"]
        unknown = sorted({*values, *predictions} - self.constraints)
        if unknown:
            return self._failed(f"got a value for {unknown[0]!r:.60}, which is not a constraint")
        self._since = None
        if not self.is_ahead:
            self._failures = 0
        return Verdict(values, predictions=predictions)

    def _failed(self, why: str) -> Verdict:
        self._since = None
        if self.is_ahead:
            return Verdict({}, one_line(why))
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            self.off = one_line(why)
            self.close()
        return Verdict({}, one_line(why))
