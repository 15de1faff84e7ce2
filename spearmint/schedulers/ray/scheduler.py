"""The scheduler of a resource on Ray."""

from __future__ import annotations

import os
import re
import select
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spearmint.errors import UserError
from spearmint.schedulers.batch.cluster import check_database
from spearmint.schedulers.batch.job_script import job_name, script
from spearmint.schedulers.batch.tracked_job import TrackedJob, size_of
from spearmint.schedulers.child import Child
from spearmint.schedulers.environment import module_paths
from spearmint.schedulers.protocol import Ended, SubmissionDelayedError
from spearmint.schedulers.ray.settings import Settings
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import CANNOT_BEGIN, NOT_MINE
from spearmint.worker.sealing import sealed

_ID = re.compile(r"RAY (hp[0-9]+-[A-Za-z0-9_.-]+)")
_LOG_SUFFIX = ".out"
#: How long the driver may take to connect, its attempts together, in seconds.
CONNECT_S = 240.0
#: The shortest and the longest pause between two attempts to connect again, in seconds.
PAUSES_S = (1.0, 60.0)
#: How long a process that was cancelled may clean up before it is killed, in seconds.
GRACE_S = 30.0
#: How long Ray may take to report ends, in addition to the grace, in seconds.
STOP_S = 15.0


@dataclass(slots=True)
class RayScheduler:
    """Runs jobs as actors of a Ray cluster, through a driver process.

    If the driver ends, the cluster may have ended too, or only the connection. Another driver is
    started until the cluster answers; what it does not know has ended.

    Args:
        settings: What the resource wants of Ray.
        where: The resource and its scheduler, for messages.
        address: The database's address, which the nodes must reach.
        environment_file: Sourced on the node before a job.
        driver: The driver process.

    Attributes:
        durable_ids: On a cluster with an address, an actor's name is known to all controllers. A
            cluster of the run's own ends with it.
    """

    settings: Settings
    where: str
    address: str
    environment_file: Path | None
    driver: Child
    durable_ids: bool = field(init=False)
    _jobs: dict[str, TrackedJob] = field(default_factory=dict, init=False)
    _ended: list[Ended] = field(default_factory=list, init=False)
    _notices: list[str] = field(default_factory=list, init=False)
    # What the driver has been asked to find and has not answered yet, in order; and what it found.
    _asked: list[set[str]] = field(default_factory=list, init=False)
    _found: set[str] = field(default_factory=set, init=False)
    # Jobs of dead controllers, of which it is not known yet whether they run.
    _sought: dict[str, TrackedJob] = field(default_factory=dict, init=False)
    _was_ready: bool = field(default=False, init=False)
    _connects_since: float = field(default=0.0, init=False)
    _is_silent: bool = field(default=False, init=False)
    _pause_s: float = field(default=PAUSES_S[0], init=False)
    _next_start: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.durable_ids = not self.settings.is_own

    def start(self) -> None:
        """See Scheduler."""
        if not self.driver.runs:
            self._asked.clear()  # the driver before it answers no more
            with suppress(OSError):  # the next poll tries it again
                self.driver.start()
                self._connects_since = time.monotonic()

    def submit(self, spec: JobSpec) -> str:
        """See Scheduler."""
        if self._is_silent:
            raise SubmissionDelayedError("Ray does not respond")
        self.start()
        name = job_name(spec, 60, uuid.uuid4().hex[:12])
        proc_id = f"RAY {name}"
        self._jobs[proc_id] = TrackedJob(spec.output, size_of(spec.output), time.monotonic())
        text = script(
            sealed(spec),
            name=proc_id if self.durable_ids else "",
            signals=(),
            environment_file=self.environment_file,
            python=sys.executable,
            paths=module_paths(os.environ),
        )
        self.driver.send({"submit": name, "script": text})
        return proc_id

    def resume(self, specs: Mapping[str, JobSpec]) -> set[str]:
        """See Scheduler."""
        own = {proc_id for proc_id in specs if _ID.fullmatch(proc_id)}
        if not own or not self.durable_ids:
            return set()
        self.start()
        now = time.monotonic()
        self._sought = {
            proc_id: TrackedJob(specs[proc_id].output, size_of(specs[proc_id].output), now)
            for proc_id in own
        }
        self._found = set()
        self._find(own)
        self._wait(CONNECT_S, lambda: own not in self._asked or not self.driver.runs)
        if own in self._asked or not self.driver.runs:
            # Without an answer, a job that runs would be started a second time.
            self._jobs |= self._sought
            self._found = set(own)
        self._sought = {}
        return own & self._found

    def poll(self) -> list[Ended]:
        """See Scheduler."""
        for message in self.driver.receive():
            self._handle(message)
        now = time.monotonic()
        if self.driver.runs and not self.driver.ready and now - self._connects_since > CONNECT_S:
            self._give_up_connecting()
        elif self._is_silent and not self.driver.runs and now >= self._next_start:
            self.start()
        ended, self._ended = self._ended, []
        return ended

    def notices(self) -> list[str]:
        """See Scheduler."""
        notices, self._notices = self._notices, []
        return notices

    def sources(self) -> Sequence[int]:
        """See Scheduler."""
        return self.driver.sources()

    def withdraw(self) -> None:
        """See Scheduler."""
        self.driver.send({"withdraw": True})

    def cancel(self, proc_id: str) -> None:
        """See Scheduler."""
        if proc_id in self._jobs:
            self._cancel(proc_id, GRACE_S)

    def stop(self, grace_s: float) -> None:
        """See Scheduler."""
        for proc_id in list(self._jobs):
            self._cancel(proc_id, grace_s)
        self._wait(grace_s + STOP_S, lambda: not self._jobs)
        if self._jobs:
            names = ", ".join(self._jobs)
            self._notices.append(
                f"Ray does not respond; asked to end, but perhaps still running: {names}"
            )

    def close(self) -> None:
        """See Scheduler; the driver ends by itself, and with it a cluster of the run's own."""
        self.driver.close(leave_running=True)
        self._jobs.clear()

    def connect(self) -> None:
        """Connects to a cluster with an address, and waits until its nodes are checked.

        Raises:
            UserError: It cannot be reached, or its nodes cannot reach the database.
        """
        try:
            self.driver.start()
        except OSError as error:
            raise UserError(f"{self.where}: cannot start a process: {error.strerror}") from None
        self._connects_since = time.monotonic()
        self._wait(CONNECT_S, lambda: self._was_ready)
        if not self._was_ready:
            self._give_up_connecting()

    # -- the driver ----------------------------------------------------------------------------

    def _wait(self, limit_s: float, condition: Any) -> None:
        """Polls until a condition holds, and keeps the ends for the next `poll`."""
        end = time.monotonic() + limit_s
        while not condition() and (left := end - time.monotonic()) > 0:
            select.select(self.sources(), [], [], min(left, 0.2))
            self._ended = self.poll()

    def _find(self, proc_ids: set[str]) -> None:
        self._asked.append(proc_ids)
        self.driver.send({"find": [_name(proc_id) for proc_id in sorted(proc_ids)]})

    def _cancel(self, proc_id: str, grace_s: float) -> None:
        self._jobs[proc_id].withdrawn = True
        self.driver.send({"end": _name(proc_id), "grace_s": grace_s})

    def _handle(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self._handle_ready(message)
        elif "found" in message:
            self._handle_found({f"RAY {name}" for name in message["found"]})
        elif "withdrawn" in message:
            for name in message["withdrawn"]:
                self._jobs[f"RAY {name}"].withdrawn = True
        elif "ended" in message:
            self._handle_ended(message)
        elif "failed" in message:
            self._handle_failure(str(message["failed"]))
        else:
            self._handle_exit(int(message["exited"]), str(message["output"]))

    def _handle_ready(self, message: Mapping[str, Any]) -> None:
        if self.durable_ids:
            check_database(_Nodes(message["nodes"]), self.address, self.where)
        if not message["fits"]:
            wanted = " ".join(f"{k}={v:g}" for k, v in self.settings.resources().items())
            text = f"{self.where}: no node has {wanted}, which each job needs"
            if not self.durable_ids:
                raise UserError(text)
            self._notices.append(f"{text}; jobs wait until one joins")
        if self._is_silent:
            self._notices.append("Ray responds again")
            self._find(set(self._jobs))
        self._was_ready, self._is_silent, self._pause_s = True, False, PAUSES_S[0]

    def _handle_found(self, found: set[str]) -> None:
        # Jobs that it was not asked for, submitted in the meantime or before, run as before.
        asked = self._asked.pop(0)
        self._found |= found
        for proc_id in (asked & set(self._jobs)) - found:
            self._end(proc_id, "the Ray cluster has ended, or was started again", preempted=True)
        # At once: the next message may be the end of one.
        self._jobs |= {proc_id: self._sought[proc_id] for proc_id in found & self._sought.keys()}
        for proc_id, job in self._jobs.items():
            if job.withdrawn:
                self._cancel(proc_id, GRACE_S)

    def _handle_ended(self, message: Mapping[str, Any]) -> None:
        status = message["status"]
        description = str(message["description"])
        if status is not None and not message["preempted"]:
            description = f"exit status {status}" if status >= 0 else f"killed by signal {-status}"
        elif status is None and message["output"]:
            status = CANNOT_BEGIN if description == "refused by Ray" else None
        self._end(
            f"RAY {message['ended']}",
            description,
            status=status,
            line=str(message["output"]),
            preempted=bool(message["preempted"]),
        )

    def _end(
        self,
        proc_id: str,
        description: str,
        *,
        status: int | None = None,
        line: str = "",
        preempted: bool = False,
    ) -> None:
        job = self._jobs.pop(proc_id, None)
        if job is None:
            return
        excused = job.withdrawn or status == NOT_MINE
        own = job.last_output_line(_LOG_SUFFIX)
        if own and (job.output.exists() or not line):  # rather than what a login shell complains of
            line = own
        text = f"{description} ({proc_id})"
        self._ended.append(Ended(proc_id, text, excused, line, status, preempted))
        if preempted and not excused:
            self._notices.append(f"{proc_id}: {description}")

    def _handle_failure(self, text: str) -> None:
        """The driver could not connect, and exits."""
        if not self._was_ready:
            at = self.settings.address or "a cluster of its own"
            raise UserError(f"{self.where}: cannot connect to Ray ({at}): {text}")

    def _handle_exit(self, status: int, output: str) -> None:
        if not self._was_ready:
            at = self.settings.address or "a cluster of its own"
            why = f": {output}" if output else ""
            raise UserError(
                f"{self.where}: cannot connect to Ray ({at}): exit status {status}{why}"
            )
        if not self.durable_ids:
            for proc_id in list(self._jobs):
                self._end(proc_id, "the Ray cluster of this run has ended", preempted=True)
            return
        if not self._is_silent:
            self._notices.append(
                "Ray does not respond (the connection was lost); assuming its jobs are still "
                "running"
            )
        self._is_silent = True
        self._next_start = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, PAUSES_S[1])

    def _give_up_connecting(self) -> None:
        self.driver.kill()
        if not self._was_ready:
            self._handle_failure(f"no answer within {CONNECT_S:g} s")


class _Nodes:
    """The nodes of a cluster, by their host names."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)

    def nodes(self) -> list[str]:
        return self._names


def _name(proc_id: str) -> str:
    return proc_id.removeprefix("RAY ")
