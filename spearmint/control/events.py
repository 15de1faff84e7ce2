"""What happens in a run as JSON, one object per line, for a program that shows it its own way."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spearmint.choosers import Best
from spearmint.console.printing import one_line
from spearmint.control.progress import Job, Progress


class Events(Progress):
    """Writes events where `Progress` prints lines.

    Each event has its kind under `event`:

    - `message`: `text`, lines for people that are about no single job;
    - `submitted`: `job` (its id), `params`, `resource`, `again`;
    - `finished`: `job`, `status` (`complete` or `broken`), `output` (the file); the rest is in its
      document;
    - `paused`: `job`, `progress`: its training has come to this share, and may continue;
    - `ended`: `job`, `progress`, `reason`: a paused training that does not continue;
    - `expected`: `params`, `values`, `spread`, `probability`, `confident`, as in `Best`;
    - `end`: `text`, why the run is over.
    """

    __slots__ = ()

    def print(self, text: str) -> None:
        """Writes a `message`."""
        self._write("message", text=text)

    def total(self, text: str) -> None:
        """Writes nothing: the reader counts."""

    def status(self, jobs: Sequence[Job]) -> None:
        """Writes nothing: the reader counts."""

    def suggested(self, job: Job, jobs: Sequence[Job], *, again: bool) -> None:  # noqa: ARG002
        """Writes `submitted`."""
        resource = one_line(job.get("resource"))
        self._write(
            "submitted", job=job["id"], params=job["params"], resource=resource, again=again
        )

    def expected(self, best: Best | None) -> None:
        """Writes `expected`, unless it was written before."""
        if best is None or best == self._expected:
            return
        self._expected = best
        self._write(
            "expected",
            params=best.params,
            values=best.values,
            spread=best.spread,
            probability=best.probability,
            confident=best.confident,
        )

    def finished(self, job: Job, output: Path) -> None:
        """Writes `finished`."""
        self._write("finished", job=job["id"], status=job["status"], output=str(output))

    def paused(self, job: Job) -> None:
        """Writes `paused`."""
        self._write("paused", job=job["id"], progress=job["progress"])

    def ended_early(self, job: Job, reason: str) -> None:
        """Writes `ended`."""
        self._write("ended", job=job["id"], progress=job["progress"], reason=one_line(reason))

    def end(self, jobs: Sequence[Job], reason: str, expected: Best | None) -> None:  # noqa: ARG002
        """Writes the last `expected` and `end`."""
        self.expected(expected)
        self._write("end", text=reason)

    def stopped(self, reason: str, jobs: Sequence[Job]) -> None:  # noqa: ARG002
        """Writes `end`."""
        self._write("end", text=reason)

    def _write(self, kind: str, **fields: Any) -> None:
        try:
            print(json.dumps({"event": kind, **fields}), file=self._stream, flush=True)
        except BrokenPipeError:
            # The reader was killed. The search continues, as it does without a terminal.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno(), inheritable=False)
            os.close(nowhere)
