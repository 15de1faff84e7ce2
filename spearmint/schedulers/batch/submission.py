"""Submits jobs to a batch system, and handles refused submissions."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from spearmint.errors import UserError
from spearmint.schedulers.batch.command import Answer, NoAnswerError, run
from spearmint.schedulers.batch.job_script import job_name, script
from spearmint.schedulers.batch.system import BatchSystem
from spearmint.schedulers.environment import without_password
from spearmint.schedulers.protocol import SubmissionDelayedError
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.sealing import sealed

#: How long submissions may be refused while none of our jobs is in the queue, in seconds.
REFUSED_S = 600.0
#: The shortest pause after a refused submission, in seconds.
SHORTEST_PAUSE_S = 5.0


@dataclass(slots=True)
class Submitter:
    """Submits the jobs of one resource.

    Args:
        system: The batch system.
        resource: The resource's name, for messages.
        args: The user's arguments for every submission.
        environment_file: Sourced on the node before a job.
        paths: Folders in which jobs find modules.
        pause_s: The pause after a refused submission, in seconds.

    Attributes:
        notices: Lines for the user.
    """

    system: BatchSystem
    resource: str
    args: Sequence[str]
    environment_file: Path | None
    paths: Sequence[str]
    pause_s: float
    notices: list[str] = field(default_factory=list, init=False)
    _next: float = field(default=0.0, init=False)
    _refused_since: float | None = field(default=None, init=False)
    _refusal: str = field(default="", init=False)
    _warning: str = field(default="", init=False)
    _succeeded: bool = field(default=False, init=False)
    # Names of jobs that were or may have been accepted, and whose numbers are unknown.
    _unfound: list[str] = field(default_factory=list, init=False)

    def submit(self, spec: JobSpec, *, idle: bool) -> str:
        """Submits a job.

        Args:
            spec: The job.
            idle: Whether none of our jobs is in the queue.

        Returns:
            The number of the batch job.

        Raises:
            UserError: The batch system refuses, and there is no hope that it will accept later.
            SubmissionDelayedError: It refuses at the moment.
        """
        if time.monotonic() < self._next:
            raise SubmissionDelayedError(self._refusal)
        self.withdraw_unfound()
        program = self.system.programs[0]
        name = job_name(spec, self.system.longest_name, secrets.token_hex(2))
        answer = self._run(spec, name)
        number = self.system.submitted_number(answer)
        if number is None and answer.status == 0:
            number = self._number_of(name)
            if number is None:
                text = f"{program} printed no job number, and no job {name} is in the queue"
                raise self._refused(f"{text}: {answer.line}", idle=idle)
            self._warn(f"{program} printed no job number; jobs are found by their names")
        if number is None:
            if answer.status < 0:  # it was cut off, perhaps after the job was accepted
                self._unfound.append(name)
            raise self._refused(f"{program} refused a job: {answer.line}", idle=idle)
        if answer.status != 0:
            self._warn(f"{program}: {answer.line}")
        self._refused_since, self._refusal = None, ""
        self._succeeded = True
        return number

    def withdraw_unfound(self) -> None:
        """Cancels waiting jobs that were accepted when the batch system did not respond.

        Nobody follows them, and their jobs are submitted again. One that runs has claimed its job.
        """
        with suppress(NoAnswerError):
            while self._unfound:
                numbers = self.system.find(self._unfound[-1])
                entries = self.system.query(numbers) if numbers else {}
                waiting = [n for n in numbers if n in entries and entries[n].waiting]
                if waiting:
                    run(self.system.cancel_command(waiting))
                self._unfound.pop()

    def _number_of(self, name: str) -> str | None:
        """The number of the batch job with a name; None if it cannot be found."""
        try:
            numbers = self.system.find(name)
        except NoAnswerError:
            self._unfound.append(name)
            return None
        return numbers[-1] if numbers else None

    def _warn(self, line: str) -> None:
        """Adds a line for the user, unless it is the same as before."""
        if line != self._warning:
            self._warning = line
            self.notices.append(line)

    def _run(self, spec: JobSpec, batch_name: str) -> Answer:
        """Runs the command in the folder of the output, so that the script has a plain name."""
        system, folder = self.system, spec.output.parent
        log = str(spec.output.with_suffix(system.log_suffix))
        text = script(
            sealed(spec),
            name=f"{system.name} {system.number_variable}",
            signals=system.signals,
            environment_file=self.environment_file,
            python=sys.executable,
            paths=self.paths,
        )
        command = system.submit_command(
            batch_name,
            log if system.literal_path.fullmatch(log) else "/dev/null",
            self.args,
            f"{spec.job_id:08d}.job",
        )
        file = folder / command[-1]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.touch(mode=0o600)
            file.write_text(text, encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            raise UserError(f"{file}: cannot be written: {error.strerror}") from None
        try:
            return run(command, folder=folder, environment=without_password(os.environ))
        finally:
            with suppress(OSError):
                file.unlink()  # the batch system has a copy

    def _refused(self, text: str, *, idle: bool) -> Exception:
        """The error for a refusal: the first is the user's, later ones may pass (limits)."""
        now = time.monotonic()
        if self._refused_since is None:
            self._refused_since = now
        hopeless = idle and now - self._refused_since > REFUSED_S
        if not self._succeeded or hopeless:
            args = f" (scheduler-args: {shlex.join(self.args)})" if self.args else ""
            return UserError(f"resource {self.resource}: {text}{args}")
        if text != self._refusal:
            self.notices.append(f"{text}; retrying later")
        self._refusal = text
        self._next = now + max(self.pause_s, SHORTEST_PAUSE_S)
        return SubmissionDelayedError(text)
