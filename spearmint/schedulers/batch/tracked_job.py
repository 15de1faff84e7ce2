"""A batch job that a scheduler tracks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spearmint.console.printing import shortened


@dataclass(slots=True)
class TrackedJob:
    """A batch job that has been submitted or taken over, and has not ended.

    Attributes:
        output: The job's output file.
        size: Size of that file in bytes when the batch job was submitted.
        submitted_at: When it was submitted, by the monotonic clock in seconds.
        seen: Whether the queue has ever reported it.
        waiting: Whether it has not started, by the last report of the queue.
        withdrawn: Whether this scheduler has cancelled it, as far as is known.
    """

    output: Path
    size: int
    submitted_at: float
    seen: bool = False
    waiting: bool = True
    withdrawn: bool = False

    def last_output_line(self, log_suffix: str) -> str:
        """The last line that the batch system or the batch job has written.

        Args:
            log_suffix: Suffix of the file for the batch system's messages.
        """
        files = {self.output.with_suffix(log_suffix): 0, self.output: self.size}
        for path, start in files.items():
            try:
                with path.open("rb") as file:
                    file.seek(max(start, size_of(path) - 4096))
                    lines = file.read().decode(errors="replace").split("\n")
            except OSError:
                continue
            texts = [" ".join(line.split()) for line in lines if line.strip()]
            if texts:
                return shortened(texts[-1], 300)
        return "" if self.output.exists() else "none (do the nodes share this file system?)"


def size_of(path: Path) -> int:
    """The size of a file in bytes; 0 if it does not exist."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
