"""Jobs as batch jobs of a cluster: what SLURM, PBS and SGE have in common.

Each of them needs three commands and no library (PSI/J, a library for this purpose, supports
neither SGE nor the user's own arguments). What differs between them is a `BatchSystem`, one module
each.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence

from spearmint.schedulers.batch.command import NoAnswerError, run
from spearmint.schedulers.batch.submission import Submitter
from spearmint.schedulers.batch.system import QueueEntry
from spearmint.schedulers.batch.tracked_job import TrackedJob, size_of
from spearmint.schedulers.protocol import Ended
from spearmint.worker.job_spec import JobSpec

#: What a batch system calls a job, an argument of its commands: digits, and perhaps a server.
_NUMBER = re.compile(r"[0-9]+[A-Za-z0-9_.\[\]-]*")
#: How long a batch job may be missing in the queue after its submission, in seconds.
SETTLE_S = 30.0
#: The longest pause between two queries of a queue that does not respond, in seconds.
LONGEST_PAUSE_S = 60.0
#: How long a batch system may take to end cancelled jobs, in addition to the grace, in seconds.
CANCEL_S = 10.0


class BatchScheduler:
    """Runs jobs as batch jobs.

    Args:
        submitter: Submits jobs to a batch system.
        interval_s: The shortest time between two queries of the queue, in seconds.
    """

    durable_ids = True

    def __init__(self, submitter: Submitter, interval_s: float) -> None:
        self.system = submitter.system
        self._submitter = submitter
        self._interval_s = self._pause_s = interval_s
        self._next_query = self._next_withdrawal = 0.0
        self._silent = False
        self._tracked: dict[str, TrackedJob] = {}
        self._ended: list[Ended] = []
        self._notices: list[str] = []

    def start(self) -> None:
        """See Scheduler."""

    def submit(self, spec: JobSpec) -> str:
        """See Scheduler."""
        size = size_of(spec.output)
        number = self._submitter.submit(spec, idle=not self._tracked)
        self._tracked[number] = TrackedJob(spec.output, size, time.monotonic())
        return self._proc_id(number)

    def resume(self, specs: Mapping[str, JobSpec]) -> set[str]:
        """See Scheduler."""
        own = {
            number: spec
            for proc_id, spec in specs.items()
            if (number := self._number(proc_id)) is not None
        }
        if not own:
            return set()
        try:
            entries = self.system.query(own)
        except NoAnswerError as error:
            self._report_silence(error)
            found = set(own)  # otherwise, a job that runs would be started a second time
        else:
            found = {n for n in own if n in entries and entries[n].ended is None}
        now = time.monotonic()
        for number in found:
            output = own[number].output
            self._tracked[number] = TrackedJob(output, size_of(output), now, waiting=False)
        return {self._proc_id(number) for number in found}

    def poll(self) -> list[Ended]:
        """See Scheduler."""
        if self._tracked and time.monotonic() >= self._next_query:
            self._query()
        ended, self._ended = self._ended, []
        return ended

    def notices(self) -> list[str]:
        """See Scheduler."""
        notices = self._notices + self._submitter.notices
        self._notices, self._submitter.notices = [], []
        return notices

    def sources(self) -> list[int]:
        """See Scheduler: the queue has to be queried."""
        return []

    def withdraw(self) -> None:
        """See Scheduler."""
        if self._waiting() and time.monotonic() >= self._next_withdrawal:
            self._query()  # some may have started since the last query
            self._cancel(self._waiting())

    def cancel(self, proc_id: str) -> None:
        """See Scheduler."""
        number = self._number(proc_id)
        if number in self._tracked:
            self._cancel([number])

    def stop(self, grace_s: float) -> None:
        """See Scheduler; the batch system itself kills what does not end when asked."""
        self._submitter.withdraw_unfound()
        if not self._tracked:
            return
        command = self.system.cancel_command(self._tracked)
        answer = run(command)
        end = time.monotonic() + grace_s + CANCEL_S
        while self._tracked and time.monotonic() < end:
            self._query()
            if self._tracked:
                time.sleep(min(0.3, self._interval_s))
        if self._tracked and self._silent:
            self._notices.append(
                f"{self.system.name} does not respond; jobs may be left in its queue; "
                f"remove them with: {' '.join(command)}"
            )
        elif self._tracked:
            names = ", ".join(map(self._proc_id, self._tracked))
            problem = f" ({command[0]}: {answer.line})" if answer.status != 0 else ""
            self._notices.append(f"cancelled, but still in the queue: {names}{problem}")

    def close(self) -> None:
        """See Scheduler."""

    # -- the queue -----------------------------------------------------------------------------

    def _query(self) -> None:
        try:
            entries = self.system.query(self._tracked)
        except NoAnswerError as error:
            # Whether jobs have ended is unknown.
            self._report_silence(error)
            self._pause_s = min(2 * self._pause_s, max(LONGEST_PAUSE_S, self._interval_s))
        else:
            if self._silent:
                self._notices.append(f"{self.system.name} responds again")
            self._silent, self._pause_s = False, self._interval_s
            for number, job in list(self._tracked.items()):
                self._compare(number, job, entries.get(number))
        self._next_query = time.monotonic() + self._pause_s

    def _compare(self, number: str, job: TrackedJob, entry: QueueEntry | None) -> None:
        if entry is None:
            if job.seen or time.monotonic() - job.submitted_at > SETTLE_S:
                self._end(number, QueueEntry(ended="no longer in the queue"))
        elif entry.ended is not None:
            self._end(number, entry)
        else:
            job.seen, job.waiting = True, entry.waiting

    def _end(self, number: str, entry: QueueEntry) -> None:
        job, proc_id = self._tracked.pop(number), self._proc_id(number)
        line = job.last_output_line(self.system.log_suffix)
        excused = entry.excused or job.withdrawn
        self._ended.append(Ended(proc_id, f"{entry.ended} ({proc_id})", excused, line))

    def _report_silence(self, error: NoAnswerError) -> None:
        if not self._silent:
            self._notices.append(
                f"{self.system.name} does not respond ({error}); assuming its jobs are still "
                "running"
            )
        self._silent = True

    def _waiting(self) -> list[str]:
        return [n for n, job in self._tracked.items() if job.waiting and not job.withdrawn]

    def _cancel(self, numbers: Sequence[str]) -> None:
        if not numbers:
            return
        for number in numbers:
            self._tracked[number].withdrawn = True
        if run(self.system.cancel_command(numbers)).status != 0:
            # Some may have been cancelled. The others are tried again, and their ends count.
            self._query()
            for number in numbers:
                if number in self._tracked:
                    self._tracked[number].withdrawn = False
            self._next_withdrawal = time.monotonic() + self._pause_s

    # -- ids -----------------------------------------------------------------------------------

    def _proc_id(self, number: str) -> str:
        return f"{self.system.name} {number}"

    def _number(self, proc_id: str) -> str | None:
        system, _, number = proc_id.partition(" ")
        return number if system == self.system.name and _NUMBER.fullmatch(number) else None
