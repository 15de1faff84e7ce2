"""An experiment's folder: the one place that knows where every file lies.

<experiment>/keras_model/network_def.py     the user's; never written
<experiment>/spearmint/                     config.json, mainrun.py, output/00000001.out
<experiment>/tmp/                           template.json, settings.json, each rendered script
<experiment>/tmp/previous/<run>/            the same of former runs
<experiment>/mongodb/                       the database's files, of all runs
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsearch.atomic_files import write_json
from hwsearch.errors import UserError
from hwsearch.experiment.settings import Settings

__all__ = ["Experiment", "Settings"]

# What a run writes, relative to the experiment. Nothing else is ever moved. Settings come last:
# they name the run, so an archiving that was interrupted goes on where it stopped.
_OWN = (
    "spearmint/config.json",
    "spearmint/mainrun.py",
    "spearmint/output/*.out",
    "tmp/*_keras_net.py",
    "tmp/best.json",
    "tmp/best_model.keras",
    "tmp/calibration.json",
    "tmp/report*",
    "tmp/template.json",
    "tmp/settings.json",
)
_JOB_FILE = re.compile(r"\d{8,}(\.out|_keras_net\.py)")


class Experiment:
    """The paths of one experiment, and what may be done with its files.

    Args:
        folder: May be relative; it is kept absolute.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() follows links

    def __repr__(self) -> str:
        return f"Experiment({str(self.folder)!r})"

    @property
    def template(self) -> Path:
        """The user's script with HYPERPARAM{...}."""
        return self.folder / "keras_model" / "network_def.py"

    @property
    def spearmint_dir(self) -> Path:
        """What the optimiser is started on."""
        return self.folder / "spearmint"

    @property
    def config_file(self) -> Path:
        """The optimiser's config.json."""
        return self.spearmint_dir / "config.json"

    @property
    def mainrun(self) -> Path:
        """The objective that the optimiser calls."""
        return self.spearmint_dir / "mainrun.py"

    @property
    def output_dir(self) -> Path:
        """What jobs printed."""
        return self.spearmint_dir / "output"

    def output(self, job_id: int) -> Path:
        """What one job printed."""
        return self.output_dir / f"{job_id:08d}.out"

    @property
    def tmp(self) -> Path:
        """What the tool keeps for itself."""
        return self.folder / "tmp"

    @property
    def template_file(self) -> Path:
        """The template as it was read when the run began."""
        return self.tmp / "template.json"

    @property
    def settings_file(self) -> Path:
        """The run's settings."""
        return self.tmp / "settings.json"

    @property
    def calibration_file(self) -> Path:
        """What random networks cost on this machine, where a budget was given in percent."""
        return self.tmp / "calibration.json"

    @property
    def best_file(self) -> Path:
        """The best network under the budget."""
        return self.tmp / "best.json"

    @property
    def best_model(self) -> Path:
        """The same, trained."""
        return self.tmp / "best_model.keras"

    @property
    def lock_file(self) -> Path:
        """Held while a run goes on."""
        return self.tmp / "run.lock"

    def rendered(self, job_id: int) -> Path:
        """A job's script."""
        return self.tmp / f"{job_id:08d}_keras_net.py"

    @property
    def database_dir(self) -> Path:
        """The database's files."""
        return self.folder / "mongodb"

    @property
    def database_file(self) -> Path:
        """The SQLite database."""
        return self.database_dir / "spearmint.sqlite"

    def previous(self, name: str) -> Path:
        """Where a former run's files lie."""
        return self.tmp / "previous" / name

    def files_of(self, name: str) -> Experiment:
        """The folder in which a run's files lie: this one, or where they were put aside."""
        return self if name == self.current_run() else Experiment(self.previous(name))

    def check(self) -> None:
        """Sees that the template is there, in a folder whose name can be written down.

        Raises:
            UserError: It is not.
        """
        try:
            str(self.folder).encode("utf-8")
        except UnicodeEncodeError:
            raise UserError(
                f"--experiment: got {str(self.folder)!a}, whose name is not UTF-8; expected "
                "another name"
            ) from None
        if not self.folder.is_dir():
            raise UserError(f"{self.folder}: no such folder; expected an experiment's")
        if not self.template.is_file():
            raise UserError(f"{self.template}: no such file; expected a Keras script as template")

    def prepare(self) -> None:
        """Makes the folders.

        Raises:
            UserError: One cannot be made.
        """
        for folder in (self.output_dir, self.tmp, self.database_dir):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UserError(
                    f"{folder}: {error.strerror}; expected a place for a folder"
                ) from None

    def load_settings(self) -> Settings:
        """The settings of the run whose files are in place.

        Raises:
            UserError: There are none, or they are not right.
        """
        return Settings.from_json(_read_json(self.settings_file), str(self.settings_file))

    def save_settings(self, settings: Settings) -> None:
        """Keeps a run's settings."""
        write_json(self.settings_file, settings.to_json())

    def current_run(self) -> str | None:
        """The name of the run whose files are in place; None = there are none."""
        for path, key in (
            (self.settings_file, "experiment_name"),
            (self.config_file, "experiment-name"),
        ):
            try:
                name = _read_json(path).get(key)
            except (UserError, AttributeError):
                continue
            if isinstance(name, str) and _is_file_name(name):
                return name
        return "unnamed" if any(True for _ in self.own_files()) else None

    def former_runs(self) -> list[str]:
        """The names of the runs that were put aside, the oldest first."""
        found = self.tmp / "previous"
        return (
            sorted(path.name for path in found.iterdir() if path.is_dir()) if found.is_dir() else []
        )

    def has_jobs(self) -> bool:
        """Whether a job of the run whose files are in place has begun."""
        return any(_is_job_file(path) for path in self.own_files())

    def own_files(self, root: Path | None = None) -> Iterator[Path]:
        """The files that a run has written, in place or below a former run's folder."""
        root = root or self.folder
        for pattern in _OWN:
            for path in sorted(root.glob(pattern)):
                if "*" not in pattern or pattern.endswith("report*") or _is_job_file(path):
                    yield path

    def archive_previous(self) -> Path | None:
        """Moves a former run's files to tmp/previous/<its name>/; the database keeps its results.

        Returns:
            The folder; None = there was nothing to move.

        Raises:
            UserError: A file cannot be moved.
        """
        name = self.current_run()
        if name is None:
            return None
        own = [path.relative_to(self.folder) for path in self.own_files()]
        target, number = self.previous(name), 1
        while any((target / path).exists() for path in own):
            number += 1
            target = self.previous(f"{name}-{number}")
        self._move(self.folder, target)
        return target

    def restore(self, name: str) -> None:
        """Brings a former run's files back in place; a run in place is put aside first.

        Raises:
            UserError: There is no run of that name.
        """
        current = self.current_run()
        if name != current:
            if name not in self.former_runs():
                runs = ", ".join(self.former_runs()) or "none"
                raise UserError(f"run: got {name!r}; expected one of {runs}")
            self.archive_previous()
        # Also for the run in place: its move to here or from here may have been interrupted.
        self._move(self.previous(name), self.folder)
        for folder in ("spearmint/output", "spearmint", "tmp", "."):
            with contextlib.suppress(OSError):  # not there, or the user has put something in it
                (self.previous(name) / folder).rmdir()

    def _move(self, source: Path, target: Path) -> None:
        for path in list(self.own_files(source)):
            place = target / path.relative_to(source)
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                path.replace(place)
            except OSError as error:
                raise UserError(f"{path}: cannot be moved to {place}: {error.strerror}") from None


def _is_job_file(path: Path) -> bool:
    return _JOB_FILE.fullmatch(path.name) is not None


def _is_file_name(name: str) -> bool:
    return Path(name).name == name and name.isprintable() and name not in ("", ".", "..")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; expected a run's file") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: got no valid JSON ({error}); expected a run's file") from None
