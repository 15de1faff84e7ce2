"""A batch job that a controller looks after."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Held:
    """A batch job that is looked after.

    Attributes:
        output: The job's output file.
        size: The file's bytes when the batch job was submitted.
        at: When it was submitted (monotonic clock).
        seen: It was in the queue.
        waiting: It has not begun, as far as is known.
        withdrawn: It was taken out of the queue on purpose.
    """

    output: Path
    size: int
    at: float
    seen: bool = False
    waiting: bool = True
    withdrawn: bool = False

    def last_words(self, log: str) -> str:
        """The last line that a batch job, or the batch system about it, has written.

        Args:
            log: Ends the name of the batch system's own file.
        """
        files = {self.output.with_suffix(log): 0, self.output: self.size}
        for path, before in files.items():
            try:
                with path.open("rb") as file:
                    file.seek(max(before, size_of(path) - 4096))
                    lines = file.read().decode(errors="replace").split("\n")
            except OSError:
                continue
            words = [" ".join(line.split()) for line in lines if line.strip()]
            if words:
                return words[-1][:300]
        return "" if self.output.exists() else "none; do the nodes see this machine's folders?"


def size_of(path: Path) -> int:
    """A file's bytes; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
