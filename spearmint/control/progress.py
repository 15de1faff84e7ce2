"""What the loop prints: plain lines, the same on a terminal and in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any, TextIO

from spearmint import lifecycle
from spearmint.choosers import Best
from spearmint.config import Task
from spearmint.console.command_line import counted
from spearmint.console.printing import one_line, printable, printable_lines
from spearmint.control.front_table import front_table
from spearmint.control.point_table import shown_of, table
from spearmint.optimiser.best_jobs import best_observed, front_observed
from spearmint.optimiser.observations import UNMEASURED
from spearmint.optimiser.recommendation import UNLIKELY
from spearmint.optimiser.space import Space

Job = Mapping[str, Any]


class Progress:
    """Prints what happens in a run.

    Args:
        tasks: The objectives first.
        space: The searched space; a job that is not in it is never the best one.
        stream: The stream to print to (default: standard output).
        debug: Print tracebacks and timings too.
        resources: Names of the resources; if there are several, each has a line in `status`.
    """

    __slots__ = ("_debug", "_expected", "_resources", "_space", "_stream", "_tasks")

    def __init__(
        self,
        tasks: Sequence[Task],
        stream: TextIO | None = None,
        *,
        space: Space | None = None,
        debug: bool = False,
        resources: Sequence[str] = (),
    ) -> None:
        self._tasks = tasks
        self._resources = resources
        self._space = space
        self._stream = sys.stdout if stream is None else stream
        self._debug = debug
        self._expected: Best | None = None

    def print(self, text: str) -> None:
        """Prints one or more lines, and flushes the stream.

        Characters that are not printable are shown as escape sequences.
        """
        print(printable_lines(text), file=self._stream, flush=True)

    def total(self, text: str) -> None:
        """Prints a line about the whole run, after its end."""
        self.print(text)

    def debug(self, text: str) -> None:
        """Prints lines if debugging output is wanted."""
        if self._debug:
            self.print(text)

    def status(self, jobs: Sequence[Job]) -> None:
        """Prints the number of jobs in each state, in all and on each of several resources."""
        lines = [f"[{time.strftime('%H:%M:%S')}] {_counted(jobs)}"]
        if len(self._resources) > 1:
            for name in self._resources:
                here = [job for job in jobs if job.get("resource") == name]
                lines.append(f"  {one_line(name)}: {_counted(here)}")
        self.print("\n".join(lines))

    def suggested(self, job: Job, jobs: Sequence[Job], *, again: bool) -> None:
        """Prints a job that was submitted, beside the best one so far."""
        if job.get("progress"):
            share = f"{100 * float(job['until']):.3g} %"
            self.print(f"job {job['id']} continues up to {share} of its training")
            return
        best = None if self._has_front else best_observed(self._tasks, jobs, self._space)
        columns = [(f"job {job['id']}", job["params"])]
        if best is not None:
            columns.append((f"best: job {best['id']}", best["params"]))
        self.status(jobs)
        what = "submitted again" if again else "suggested"
        self.print(f"job {job['id']} {what} on {one_line(job.get('resource'))}\n{table(columns)}")
        self.print(self.best_line(jobs) if self._has_front else self._best_line(best, jobs))

    def best_line(self, jobs: Sequence[Job]) -> str:
        """A line with the best observed values that meet the constraints, and their job.

        Of several objectives, the number of jobs on the Pareto front, and the lowest value of each.
        """
        if self._has_front:
            return self._front_line(front_observed(self._tasks, jobs, self._space), jobs)
        return self._best_line(best_observed(self._tasks, jobs, self._space), jobs)

    def _best_line(self, best: Job | None, jobs: Sequence[Job]) -> str:
        if best is not None:
            return f"best observed: {self._values(best['values'])}, in job {best['id']}"
        return f"best observed: {self._none_yet(jobs)}"

    def _none_yet(self, jobs: Sequence[Job]) -> str:
        if not any(job["status"] == "complete" for job in jobs):
            return "none yet"
        if all(task.objective for task in self._tasks):
            return "none yet; no job has returned a value"
        return "none yet; no job meets all constraints"

    @property
    def _has_front(self) -> bool:
        return sum(task.objective for task in self._tasks) > 1

    def _front_line(self, front: Sequence[Job], jobs: Sequence[Job]) -> str:
        if not front:
            return f"Pareto front: {self._none_yet(jobs)}"
        parts = [counted(len(front), "job")]
        for task in self._tasks:
            if task.objective:
                lowest = min(front, key=lambda job: float(job["values"][task.name]))
                value = float(lowest["values"][task.name])
                what = "highest" if task.negated else "lowest"
                number = shown_of(task, value)
                parts.append(f"{what} {printable(task.name)} {number} in job {lowest['id']}")
        return f"Pareto front: {', '.join(parts)}"

    def expected(self, best: Best | None) -> None:
        """Prints the best point that the model expects, unless it was printed before."""
        if best is None or best == self._expected:
            return
        self._expected = best
        text = f"expected best: {self._values(best.values, best.spread)}"
        if len(self._tasks) > 1:
            text += f"; probability of meeting the constraints {best.probability:.3g}"
            if not best.confident:
                is_hopeless = best.probability < UNLIKELY
                reason = (
                    "no point is likely to meet them" if is_hopeless else "below min-confidence"
                )
                text += f" ({reason})"
        self.print(f"{text}\n{table([('expected best', best.params)])}")

    def finished(self, job: Job, output: Path) -> None:
        """Prints the result of a job that is complete or broken."""
        if job["status"] == "broken":
            reason = one_line(job.get("reason"))
            self.print(f"job {job['id']} broken: {reason}\n  its output: {printable(str(output))}")
            return
        duration_s = float(job.get("end time") or 0) - float(job.get("start time") or 0)
        duration_s += lifecycle.earlier_seconds(job)
        text = f"job {job['id']} complete: {self._values(job['values'])}"
        text += f", after {duration_s:.3g} s" if 0 < duration_s < 1e8 else ""
        text += (
            f"; not measured: {one_line(', '.join(left))}" if (left := job.get(UNMEASURED)) else ""
        )
        self.print(text + (f"; {one_line(job['reason'])}" if job.get("reason") else ""))

    def paused(self, job: Job) -> None:
        """Prints that the training of a job has come to the end of a segment."""
        value = job["curve"][-1][1]
        task = self._tasks[0]
        number = float("nan") if value is None else float(value)
        done = f"{100 * float(job['progress']):.3g} %"
        self.print(
            f"job {job['id']} paused at {done} of its training: "
            f"{printable(task.name)} {shown_of(task, number)}"
        )

    def ended_early(self, job: Job, reason: str) -> None:
        """Prints that a paused job does not continue."""
        done = f"{100 * float(job['progress']):.3g} %"
        self.print(f"job {job['id']} ended at {done} of its training: {one_line(reason)}")

    def end(self, jobs: Sequence[Job], reason: str, expected: Best | None) -> None:
        """Prints why the run is over, the best job and the expected best point, or the front."""
        self.status(jobs)
        self.print(reason)
        if self._are_constraints_noisy:
            # The best observed job probably owes that to its noise.
            self._expected = None
            self.expected(expected)
        if self._has_front:
            front = front_observed(self._tasks, jobs, self._space)
            self.print(self._front_line(front, jobs))
            if front:
                self.print(front_table(self._tasks, front))
            return
        best = best_observed(self._tasks, jobs, self._space)
        self.print(self._best_line(best, jobs))
        if best is not None:
            self.print(table([(f"job {best['id']}", best["params"])]))
        self.expected(expected)

    def stopped(self, reason: str, jobs: Sequence[Job]) -> None:
        """Prints why the run was stopped, and the best job."""
        self.print(f"{reason}\n{self.best_line(jobs)}")

    @property
    def _are_constraints_noisy(self) -> bool:
        exact = ("NOISELESS", "STEP")
        return any(not task.objective and task.likelihood not in exact for task in self._tasks)

    def _values(self, values: Mapping[str, Any], spread: Mapping[str, float] | None = None) -> str:
        """The value of each task, with its spread if known; for a constraint, whether it is met."""
        parts = []
        for task in self._tasks:
            value = values.get(task.name) if isinstance(values, Mapping) else values
            number = float("nan") if value is None else float(value)
            text = f"{printable(task.name)} {shown_of(task, number)}"
            deviation = (spread or {}).get(task.name)
            text += "" if deviation is None else f" ± {deviation:.2g}"
            if not task.objective and not isnan(number):
                text += " (met)" if task.met(number) else " (not met)"
            parts.append(text)
        return ", ".join(parts)


def _counted(jobs: Sequence[Job]) -> str:
    """The number of jobs in each state; a training that does not continue is not paused."""
    states = [
        "stopped early"
        if job["status"] == "paused" and not lifecycle.can_continue(job)
        else job["status"]
        for job in jobs
    ]
    counts = {
        state: states.count(state)
        for state in ("pending", "complete", "broken", "stopped early", "paused", "new")
    }
    shown_always = ("pending", "complete")
    return ", ".join(f"{n} {status}" for status, n in counts.items() if n or status in shown_always)
