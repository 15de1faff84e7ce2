"""What the loop prints: plain lines, the same on a terminal and in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any, TextIO

from spearmint.choosers import Best
from spearmint.config import Task
from spearmint.optimiser.observations import best_observed

Job = Mapping[str, Any]
_WIDEST = 40


def shown(value: Any) -> str:
    """One value: six digits of a float, an option as it is."""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value).replace("\n", " ")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."


def rows_of(params: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Name -> type and value; a vector has a row an element."""
    rows = {}
    for name, param in params.items():
        values = param["values"]
        for index, value in enumerate(values):
            row = name if len(values) == 1 else f"{name}[{index}]"
            rows[row] = (str(param["type"]).lower(), shown(value))
    return rows


def table(columns: Sequence[tuple[str, Mapping[str, Mapping[str, Any]]]]) -> str:
    """Points side by side, a variable a line.

    Args:
        columns: A heading and `params` each.
    """
    points = [rows_of(params) for _, params in columns]
    names = list(dict.fromkeys(name for point in points for name in point))
    lines = [["name", "type", *(heading for heading, _ in columns)]]
    for name in names:
        kind = next(point[name][0] for point in points if name in point)
        lines.append([name, kind, *(point[name][1] if name in point else "-" for point in points)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  "
        + "  ".join(
            _aligned(cell, width, i)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column < 2 else cell.rjust(width)


class Progress:
    """Prints a run.

    Args:
        tasks: The objective first.
        stream: Where to; standard output by default.
        debug: Print times and tracebacks too.
    """

    def __init__(
        self, tasks: Sequence[Task], stream: TextIO | None = None, *, debug: bool = False
    ) -> None:
        self.tasks = tasks
        self.stream = sys.stdout if stream is None else stream
        self.debugging = debug
        self._expected: Best | None = None

    def say(self, text: str) -> None:
        """A line or more, seen at once."""
        print(text, file=self.stream, flush=True)

    def debug(self, text: str) -> None:
        """What only --debug prints."""
        if self.debugging:
            self.say(text)

    def status(self, jobs: Sequence[Job]) -> None:
        """How many jobs are in which state."""
        counts = {
            status: sum(job["status"] == status for job in jobs)
            for status in ("new", "pending", "complete", "broken")
        }
        text = f"{counts['pending']} pending, {counts['complete']} complete"
        if counts["broken"]:
            text += f", {counts['broken']} broken"
        if counts["new"]:
            text += f", {counts['new']} new"
        self.say(f"[{time.strftime('%H:%M:%S')}] {text}")

    def suggested(self, job: Job, jobs: Sequence[Job], again: bool) -> None:
        """A job that was submitted, beside the best so far."""
        best = best_observed(self.tasks, jobs)
        columns = [(f"job {job['id']}", job["params"])]
        if best is not None:
            columns.append((f"best: job {best['id']}", best["params"]))
        self.status(jobs)
        what = "submitted again" if again else "suggested"
        self.say(f"job {job['id']} {what} on {job.get('resource')}\n{table(columns)}")
        self.say(self.best_line(jobs))

    def best_line(self, jobs: Sequence[Job]) -> str:
        """The best observed value that meets the constraints, and where."""
        best = best_observed(self.tasks, jobs)
        if best is not None:
            return f"best observed: {self.values(best['values'])}, in job {best['id']}"
        if not any(job["status"] == "complete" for job in jobs):
            return "best observed: none yet"
        if len(self.tasks) == 1:
            return "best observed: none yet; no job has given a value"
        return "best observed: none yet; no job meets all constraints"

    def expected(self, best: Best | None) -> None:
        """The best value expected under the model, and where, if it is news."""
        if best is None or best == self._expected:
            return
        self._expected = best
        sure = "" if best.confident else ", less than asked for"
        text = f"expected best: {self.values(best.values)}"
        if len(self.tasks) > 1:
            text += f"; probability of meeting the constraints {best.probability:.3g}{sure}"
        self.say(f"{text}\n{table([('expected best', best.params)])}")

    def finished(self, job: Job, output: Path) -> None:
        """A job that is complete or broken."""
        if job["status"] == "broken":
            self.say(f"job {job['id']} broken: {job.get('reason')}\n  its output: {output}")
            return
        seconds = float(job.get("end time") or 0) - float(job.get("start time") or 0)
        text = f"job {job['id']} complete: {self.values(job['values'])}"
        text += f", after {seconds:.3g} s" if 0 < seconds < 1e8 else ""
        self.say(text + (f"; {job['reason']}" if job.get("reason") else ""))

    def values(self, values: Mapping[str, Any]) -> str:
        """Each task's value; a constraint with whether it is met."""
        parts = []
        for task in self.tasks:
            value = values.get(task.name) if isinstance(values, Mapping) else values
            number = float("nan") if value is None else float(value)
            text = f"{task.name} {shown(number)}"
            if not task.objective and not isnan(number):
                text += " (met)" if task.met(number) else " (not met)"
            parts.append(text)
        return ", ".join(parts)

    def end(self, jobs: Sequence[Job], why: str, best: Best | None) -> None:
        """The last lines."""
        self.status(jobs)
        self.say(why)
        found = best_observed(self.tasks, jobs)
        self.say(self.best_line(jobs))
        if found is not None:
            self.say(table([(f"job {found['id']}", found["params"])]))
        self.expected(best)
