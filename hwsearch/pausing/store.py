"""The files that keep the states of paused trainings."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from hwsearch.atomic_files import write_atomic
from hwsearch.formatting import cost


@dataclass(frozen=True, slots=True)
class Store:
    """The folder with the states of all paused trainings of a run.

    Attributes:
        folder: The folder, which is made when it is needed.
        most_bytes: Bound of the size of all files.
    """

    folder: Path
    most_bytes: int

    @property
    def limit(self) -> str:
        """The bound as people read it."""
        return cost("memory", self.most_bytes / 2**30)

    def path(self, job_id: int) -> Path:
        """The file of a job."""
        return self.folder / f"{job_id:08d}.state"

    def keep(self, job_id: int, content: bytes) -> bool:
        """Writes a file; removes the oldest ones of other jobs if there would be too many bytes.

        Those trainings begin again. Several processes may do this at a time.

        Returns:
            Whether the file has been written; not if it alone is too large.

        Raises:
            OSError: It could not be written.
        """
        if len(content) > self.most_bytes:
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(job_id)
        for left in self.folder.glob(f".{path.name}.*.tmp"):  # of a process that was killed
            left.unlink(missing_ok=True)
        self._make_room(self.most_bytes - len(content), path)
        write_atomic(path, content)
        return True

    def _make_room(self, most_bytes: int, but: Path) -> None:
        """Removes the oldest files until all but one have at most this size."""
        found = []
        for path in self.folder.glob("*.state"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            if path != but:
                found.append((status.st_mtime_ns, status.st_size, path))
        size = sum(entry[1] for entry in found)
        for _, bytes_, path in sorted(found):
            if size <= most_bytes:
                return
            path.unlink(missing_ok=True)
            size -= bytes_

    def forget(self, job_id: int) -> None:
        """Removes the file of a job."""
        self.path(job_id).unlink(missing_ok=True)

    def clear(self) -> None:
        """Removes all files, and the folder if nothing else is in it."""
        for pattern in ("*.state", ".*.state.*.tmp"):
            for path in self.folder.glob(pattern):
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not there, or the user has put something in it
            self.folder.rmdir()
