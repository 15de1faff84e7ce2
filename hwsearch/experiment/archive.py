"""The runs of an experiment: one has its files in place, former runs are put aside."""

from __future__ import annotations

import contextlib
from pathlib import Path

from hwsearch.errors import UserError
from hwsearch.experiment.folder import Experiment
from hwsearch.experiment.run_files import is_job_file
from hwsearch.printing import one_line


class Archive:
    """Moves the files of runs between the experiment and tmp/previous/<run>/.

    Args:
        experiment: Whose runs.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment

    def current_run(self) -> str | None:
        """The name of the run in place; None if there is none."""
        name = self._experiment.run_name()
        if name is None and any(True for _ in self._experiment.run_files()):
            return "unnamed"
        return name

    def former_runs(self) -> list[str]:
        """The names of the runs that were put aside, the oldest first."""
        folder = self._experiment.previous("")
        if not folder.is_dir():
            return []
        return sorted(path.name for path in folder.iterdir() if path.is_dir())

    def files_of(self, name: str) -> Experiment:
        """A run's files, in place or put aside."""
        if name == self.current_run():
            return self._experiment
        return Experiment(self._experiment.previous(name))

    def has_jobs(self, name: str) -> bool:
        """Whether a job of this run has begun."""
        return any(is_job_file(path) for path in self.files_of(name).run_files())

    def put_aside(self) -> Path | None:
        """Moves the files of the run in place; the database keeps its results.

        Returns:
            The folder that they are in now; None if there was nothing to move.

        Raises:
            UserError: A file cannot be moved.
        """
        name = self.current_run()
        if name is None:
            return None
        place = self._experiment
        own = [path.relative_to(place.folder) for path in place.run_files()]
        target, number = place.previous(name), 1
        while any((target / path).exists() for path in own):
            number += 1
            target = place.previous(f"{name}-{number}")
        _move(place, Experiment(target))
        with contextlib.suppress(OSError):  # not there, or the user has put something in it
            place.models.rmdir()
        return target

    def restore(self, name: str) -> None:
        """Brings a former run's files back in place; another run in place is put aside first.

        Raises:
            UserError: There is no run of that name, or a file cannot be moved.
        """
        if name != self.current_run():
            if name not in self.former_runs():
                runs = ", ".join(self.former_runs()) or "none"
                raise UserError(f"run: got {name!r}; expected one of {runs}")
            self.put_aside()
        # Also for the run in place: an earlier move of it may have been interrupted.
        former = Experiment(self._experiment.previous(name))
        _move(former, self._experiment)
        for folder in former.own_folders:
            with contextlib.suppress(OSError):  # not there, or the user has put something in it
                folder.rmdir()


def _move(source: Experiment, target: Experiment) -> None:
    for path in list(source.run_files()):
        place = target.folder / path.relative_to(source.folder)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
        except OSError as error:
            raise UserError(
                f"{one_line(path)}: cannot be moved to {one_line(place)}: {error.strerror}"
            ) from None
