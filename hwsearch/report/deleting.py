"""The files of one run, to be deleted for good."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.formatting import counted
from hwsearch.printing import one_line
from hwsearch.report.sections import Section


@dataclass(frozen=True, slots=True)
class RunFiles:
    """What a run has written, as `Experiment.run_files` knows it; nothing else is ever deleted.

    Attributes:
        files: The folder that they are in: the experiment, or tmp/previous/<run>.
        paths: Files, and folders of callbacks, the settings last.
        size: All of them, in bytes.
        best_model: The trained best network, or its weights; None if there is neither.
    """

    files: Experiment
    paths: tuple[Path, ...]
    size: int
    best_model: Path | None

    @classmethod
    def of(cls, experiment: Experiment, run: str) -> RunFiles | None:
        """The files of a run; None if there are none."""
        archive = Archive(experiment)
        if run not in (archive.current_run(), *archive.former_runs()):
            return None
        files = archive.files_of(run)
        paths = tuple(files.run_files())
        kept = (files.best_model, files.best_weights)
        model = next((path for path in kept if path.is_file()), None)
        return cls(files, paths, sum(map(_size, paths)), model) if paths else None

    def remove(self) -> None:
        """Deletes them, and the folders of a run that was put aside if nothing else is in them.

        Raises:
            UserError: One cannot be deleted.
        """
        for path in self.paths:
            try:
                if KeptFolder(path).network() is not None:
                    KeptFolder(path).remove()  # what the user has put into it stays
                elif path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
            except OSError as error:
                raise UserError(f"{one_line(path)}: cannot be deleted: {error.strerror}") from None
        place = self.files
        with contextlib.suppress(OSError):  # not there, or the user has put something in it
            place.models.rmdir()
        if place.folder.parent.name == "previous":
            for folder in place.own_folders:
                with contextlib.suppress(OSError):  # the user has put something in it
                    folder.rmdir()


def to_delete(run: str, jobs: int, files: RunFiles | None, database: str) -> Section:
    """What the deletion of a run removes.

    Args:
        run: The run.
        jobs: How many jobs it has.
        files: Its files; None if they are not here or are not deleted.
        database: The address of the database, as it may be shown.
    """
    lines = [f"run {run}: {counted(jobs, 'job')} and the state of the model in {database}"]
    if files is None:
        lines.append("no file is deleted: scripts, models and output of its jobs stay")
        return Section("", lines)
    number, size = counted(len(files.paths), "file"), files.size / 2**20
    lines.append(f"{number} in {files.files.folder}, {size:.1f} MiB")
    if files.best_model is not None:
        lines.append(f"among them the trained best network: {files.best_model}")
    return Section("", lines)


def confirmed() -> bool:
    """Whether the user agrees, asked on the terminal.

    Raises:
        UserError: There is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise UserError("--delete: got no terminal to ask on; expected --yes")
    try:
        answer = input("Delete them for good? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes")


def _size(path: Path) -> int:
    """Bytes of a file or folder; 0 for what is gone."""
    with contextlib.suppress(OSError):
        if not path.is_dir() or path.is_symlink():
            return path.lstat().st_size
        return sum(
            os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - as os.walk gives
            for folder, _, names in os.walk(path)
            for name in names
        )
    return 0
