"""Jobs as batch jobs of a cluster: what SLURM, PBS and SGE have in common.

Three commands each need no library between (PSI/J, which is one, knows no SGE and no arguments of
the user's own). What differs is a `System`, a module each.
"""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from spearmint.errors import UserError
from spearmint.schedulers.batch.command import Answer, Unanswered, ask
from spearmint.schedulers.batch.job_script import job_name, script
from spearmint.schedulers.batch.system import Seen, System
from spearmint.schedulers.batch.tracked_job import Held, size_of
from spearmint.schedulers.protocol import Ended, SubmissionDelayedError
from spearmint.worker.job_spec import JobSpec

#: A batch job that was just submitted may be missing in the queue for so long, in seconds.
SETTLE_S = 30.0
#: How long submissions may be refused while nothing of ours is in the queue, in seconds.
REFUSED_S = 600.0
#: The longest pause between two looks at a queue that does not answer, in seconds.
LONGEST_PAUSE_S = 60.0
#: What a batch system may take, on top of the grace, to end jobs that it was asked to end.
CANCEL_S = 10.0


class BatchScheduler:
    """Runs jobs as batch jobs.

    Args:
        system: Where.
        resource: The resource's name, for messages.
        args: The user's arguments of every submission.
        environment_file: Sourced on the node before a job.
        paths: Where jobs find modules.
        interval_s: Between two looks at the queue, in seconds, at least.
    """

    durable_ids = True

    def __init__(
        self,
        system: System,
        resource: str,
        args: Sequence[str],
        environment_file: Path | None,
        paths: Sequence[str],
        interval_s: float,
    ) -> None:
        self.system = system
        self._resource = resource
        self._args = tuple(args)
        self._environment_file = environment_file
        self._paths = list(paths)
        self._interval_s = self._pause_s = interval_s
        self._next_look = self._next_submission = 0.0
        self._refused_since: float | None = None
        self._refusal = self._warning = ""
        self._submitted_one = self._silent = False
        self._held: dict[str, Held] = {}
        self._ended: list[Ended] = []
        self._notices: list[str] = []

    def start(self) -> None:
        """See Scheduler."""

    # -- into the queue ------------------------------------------------------------------------

    def submit(self, spec: JobSpec) -> str:
        """See Scheduler."""
        now = time.monotonic()
        if now < self._next_submission:
            raise SubmissionDelayedError(self._refusal)
        size = size_of(spec.output)
        answer = self._submission(spec)
        number = self.system.submitted(answer)
        if number is None:
            self._refused(answer, now)
        elif answer.status != 0 and answer.said != self._warning:
            self._warning = answer.said
            self._notices.append(f"{self.system.programs[0]}: {answer.said}")
        self._refused_since, self._refusal = None, ""
        self._submitted_one = True
        self._held[str(number)] = Held(spec.output, size, now)
        return self._name(str(number))

    def _submission(self, spec: JobSpec) -> Answer:
        """Submits from the folder of the output, so that the script's path is a plain name."""
        system, folder = self.system, spec.output.parent
        log = spec.output.with_suffix(system.log)
        text = script(
            spec,
            name=self._name(system.number),
            signals=system.signals,
            environment_file=self._environment_file,
            python=sys.executable,
            paths=self._paths,
        )
        command = system.submission(
            job_name(spec, system.longest_name),
            str(log) if system.plain.fullmatch(str(log)) else "/dev/null",
            self._args,
            f"{spec.job_id:08d}.job",
        )
        file = folder / command[-1]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.touch(mode=0o600)  # the database's address may hold a password
            file.write_text(text, encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            raise UserError(f"{file}: cannot be written: {error.strerror}") from None
        try:
            return ask(command, folder=folder)
        finally:
            with suppress(OSError):
                file.unlink()  # the batch system has a copy

    def _refused(self, answer: Answer, now: float) -> None:
        """A first refusal is a fault of the request; later ones may pass (limits, an outage)."""
        program = self.system.programs[0]
        text = f"{program} refused a job: {answer.said}"
        since = self._refused_since = self._refused_since or now
        hopeless = not self._held and now - since > REFUSED_S
        if not self._submitted_one or hopeless:
            given = f" (scheduler-args: {shlex.join(self._args)})" if self._args else ""
            raise UserError(f"resource {self._resource}: {text}{given}")
        if text != self._refusal:
            self._notices.append(f"{text}; it is tried again")
        self._refusal = text
        self._next_submission = time.monotonic() + max(self._interval_s, 5.0)
        raise SubmissionDelayedError(text)

    def resume(self, specs: Mapping[str, JobSpec]) -> set[str]:
        """See Scheduler."""
        own = {
            number: spec
            for name, spec in specs.items()
            if (number := self._number(name)) is not None
        }
        if not own:
            return set()
        try:
            seen = self.system.look(own)
        except Unanswered as error:
            self._say_silent(error)
            found = set(own)  # else a job that runs would be run a second time
        else:
            found = {number for number in own if number in seen and seen[number].ended is None}
        now = time.monotonic()
        for number in found:
            output = own[number].output
            self._held[number] = Held(output, size_of(output), now, waiting=False)
        return {self._name(number) for number in found}

    # -- in the queue --------------------------------------------------------------------------

    def alive(self, proc_id: str) -> bool:
        """See Scheduler."""
        return self._number(proc_id) in self._held

    def poll(self) -> list[Ended]:
        """See Scheduler."""
        if self._held and time.monotonic() >= self._next_look:
            self._look()
        ended, self._ended = self._ended, []
        return ended

    def _look(self) -> None:
        try:
            seen = self.system.look(self._held)
        except Unanswered as error:
            # Not to answer is no job's end.
            self._say_silent(error)
            self._pause_s = min(2 * self._pause_s, max(LONGEST_PAUSE_S, self._interval_s))
        else:
            if self._silent:
                self._notices.append(f"{self.system.name} answers again")
            self._silent, self._pause_s = False, self._interval_s
            for number, held in list(self._held.items()):
                self._compare(number, held, seen.get(number))
        self._next_look = time.monotonic() + self._pause_s

    def _compare(self, number: str, held: Held, now: Seen | None) -> None:
        if now is None:
            if held.seen or time.monotonic() - held.at > SETTLE_S:
                self._end(number, Seen(ended="it has left the queue"))
        elif now.ended is not None:
            self._end(number, now)
        else:
            held.seen, held.waiting = True, now.waiting

    def _end(self, number: str, seen: Seen) -> None:
        held = self._held.pop(number)
        name, words = self._name(number), held.last_words(self.system.log)
        excused = seen.excused or held.withdrawn
        self._ended.append(Ended(name, f"{seen.ended} ({name})", excused, words))

    def _say_silent(self, error: Unanswered) -> None:
        if not self._silent:
            self._notices.append(
                f"{self.system.name} does not answer ({error}); its jobs are taken to go on"
            )
        self._silent = True

    def notices(self) -> list[str]:
        """See Scheduler."""
        notices, self._notices = self._notices, []
        return notices

    def sources(self) -> list[int]:
        """See Scheduler: a queue has to be asked."""
        return []

    # -- out of the queue ----------------------------------------------------------------------

    def withdraw(self) -> None:
        """See Scheduler."""
        waiting = [n for n, held in self._held.items() if held.waiting and not held.withdrawn]
        self._cancel(waiting)

    def cancel(self, proc_id: str) -> None:
        """See Scheduler."""
        number = self._number(proc_id)
        self._cancel([number] if number is not None and number in self._held else [])

    def _cancel(self, numbers: Sequence[str]) -> None:
        if numbers:
            ask(self.system.cancel(numbers))
        for number in numbers:
            self._held[number].withdrawn = True

    def stop(self, grace_s: float) -> None:
        """See Scheduler; the batch system itself kills what does not end when asked."""
        if not self._held:
            return
        command = self.system.cancel(self._held)
        answer = ask(command)
        end = time.monotonic() + grace_s + CANCEL_S
        while self._held and time.monotonic() < end:
            self._look()
            if self._held:
                time.sleep(min(0.3, self._interval_s))
        if self._held and self._silent:
            self._notices.append(
                f"{self.system.name} does not answer, jobs may be left in its queue; "
                f"remove them with: {' '.join(command)}"
            )
        elif self._held:
            names = ", ".join(self._name(number) for number in self._held)
            problem = f"; {command[0]} said: {answer.said}" if answer.status != 0 else ""
            self._notices.append(f"asked to end, but not gone yet: {names}{problem}")

    def close(self) -> None:
        """See Scheduler."""

    # -- names ---------------------------------------------------------------------------------

    def _name(self, number: str) -> str:
        return f"{self.system.name} {number}"

    def _number(self, name: str) -> str | None:
        system, _, number = name.partition(" ")
        return number if system == self.system.name and number else None
