"""Many workers and several controllers at once on one experiment with jobs of 50 ms."""

from __future__ import annotations

import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.faults import event_log, processes
from benchmarks.faults.event_log import BEGAN
from benchmarks.faults.experiment import Experiment
from benchmarks.faults.trial import COMMAND_S, GOODBYE_S
from benchmarks.faults.verdict import judge


@dataclass(frozen=True, slots=True)
class Crowd:
    """One measurement.

    Attributes:
        workers: `max-concurrent`.
        controllers: How often the same command is started.
        jobs: `max-finished-jobs`.
    """

    workers: int
    controllers: int
    jobs: int

    def run(self, home: Path, address: str, database: str) -> dict[str, Any]:
        """Runs it; returns counts of what went wrong, jobs per second, and processor times."""
        experiment = Experiment(
            home,
            address,
            "brief",
            jobs=self.jobs,
            more={"max-concurrent": self.workers},
            variables={event_log.SYNC: "0"},
        )
        before = _children_s()
        running = [experiment.start() for _ in range(self.controllers)]
        own_s = _watch(running)
        statuses = [process.returncode for process in running]
        whole_s = _children_s() - before
        jobs, events = experiment.stored(), experiment.events()
        verdict = judge(jobs, events, self.jobs)
        done = [job for job in jobs if job["status"] == "complete"]
        points = [tuple(map(str, sorted(job["params"].items()))) for job in jobs]
        began = [event.job for event in events if event.what == BEGAN]
        orphans = processes.left_behind(experiment.name, GOODBYE_S)
        span_s = max(job["end time"] for job in done) - min(job["submit time"] for job in jobs)
        wrong = {
            "lost": verdict.lost,
            "ids twice": verdict.twice,
            "points twice": len(points) - len(set(points)),
            "jobs run twice": len(began) - len(set(began)),
            "left new": len(jobs) - len(done),
            "missing": verdict.missing,
            "orphans": len(orphans),
            "commands failed": sum(status != 0 for status in statuses),
        }
        return {
            "database": database,
            "workers": self.workers,
            "controllers": self.controllers,
            "jobs": len(done),
            **wrong,
            "jobs/s": round(len(done) / span_s, 1),
            "cpu s/job": round(whole_s / len(done), 4),
            "of it controllers": round(own_s / len(done), 4),
            "faults": [f"{count} {what}" for what, count in wrong.items() if count],
        }


def _watch(running: list[subprocess.Popen[bytes]]) -> float:
    """Waits for the controllers to end; their own processor time, without their children's."""
    own: dict[int, float] = {}
    end = time.monotonic() + COMMAND_S
    while any(process.poll() is None for process in running):
        for process in running:
            own[process.pid] = max(own.get(process.pid, 0.0), processes.cpu_s(process.pid))
            if time.monotonic() > end:
                process.kill()
        time.sleep(0.05)
    return sum(own.values())


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
