"""The files of one run, to be deleted for good."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.finished import Finished
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.formatting import counted
from hwsearch.measurements import Measurements
from hwsearch.measurements.reading import whole
from hwsearch.printing import one_line
from hwsearch.report.sections import Section


@dataclass(frozen=True, slots=True)
class RunFiles:
    """What a run has written: what `Experiment.run_files` gives, and the trainings of --repeats.

    Nothing else is ever deleted.

    Attributes:
        files: The folder that they are in: the experiment, or tmp/previous/<run>.
        paths: Files, and folders of callbacks, the settings last.
        size: All of them, in bytes.
        best_model: The trained best network, or its weights; None if there is neither.
        finished: Where its networks are that were trained for use.
    """

    files: Experiment
    paths: tuple[Path, ...]
    size: int
    best_model: Path | None
    finished: Path

    @classmethod
    def of(
        cls, experiment: Experiment, run: str, jobs: Sequence[Mapping[str, Any]] = ()
    ) -> RunFiles | None:
        """The files of a run; None if there are none.

        Args:
            experiment: The experiment.
            run: The run.
            jobs: Its job documents, which say how often --repeats has trained their networks.
        """
        archive = Archive(experiment)
        if run not in (archive.current_run(), *archive.former_runs()):
            return None
        files = archive.files_of(run)
        paths = (*_trainings(experiment, run, jobs), *files.run_files())
        kept = (files.best_model, files.best_weights)
        model = next((path for path in kept if path.is_file()), None)
        size, finished = sum(map(_size, paths)), experiment.finished / run
        return cls(files, paths, size, model, finished) if paths else None

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
        for folder in (*sorted(self.finished.glob("*")), self.finished, self.finished.parent):
            with contextlib.suppress(OSError):  # not there, or hwsearch.finish has trained more
                folder.rmdir()
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
    if any(path.is_relative_to(files.finished) for path in files.paths):
        lines.append(f"among them networks that --repeats has trained: {files.finished}")
    trained = set(files.finished.glob("*/*")) - set(files.paths)
    if trained:
        lines.append(f"networks that hwsearch.finish has trained stay in {files.finished}")
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


def _trainings(
    experiment: Experiment, run: str, jobs: Sequence[Mapping[str, Any]]
) -> Iterator[Path]:
    """What the trainings by which --repeats has ranked networks of a run have written."""
    for job in jobs:
        number = whole(job.get("id"))
        if number is None:
            continue
        place = Finished.of(experiment, run, number, None, False)
        for training in range(1, len(Measurements.of_job(job).repeats) + 1):
            yield from (path for path in place.written(training) if path.exists())


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
