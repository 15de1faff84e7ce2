"""An experiment's folder: its files, and the one place that knows their JSON formats."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hwsearch.atomic_files import write_json, write_json_after
from hwsearch.errors import UserError
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.layout import Layout
from hwsearch.experiment.run_files import run_files
from hwsearch.experiment.settings import Settings
from hwsearch.measurements.reading import mapping, number
from hwsearch.printing import one_line
from hwsearch.template import Template


class Experiment(Layout):
    """The files of one experiment; `Layout` has their paths."""

    def run_files(self) -> Iterator[Path]:
        """The files that the run in place has written, the settings last.

        The folders of kept networks are among them, as wholes.
        """
        kept = (self.best_folder, *sorted(self.models.glob("job-*")))
        return run_files(self.folder, self.run_name(), kept)

    def check(self) -> None:
        """Checks that there is a template, in a folder with a name that can be written down.

        Raises:
            UserError: There is none, or the name is not UTF-8.
        """
        try:
            str(self.folder).encode("utf-8")
        except UnicodeEncodeError:
            raise UserError(
                f"--experiment: got {str(self.folder)!a}, which is not UTF-8; expected another name"
            ) from None
        if not self.folder.is_dir():
            raise UserError(f"{self.folder}: no such folder; expected an experiment folder")
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
                    f"{one_line(folder)}: {error.strerror}; expected a writable folder"
                ) from None

    def load_settings(self) -> Settings:
        """The settings of the run in place.

        Raises:
            UserError: There are none, or they are faulty.
        """
        return Settings.from_json(_read_json(self.settings_file), str(self.settings_file))

    def save_settings(self, settings: Settings) -> None:
        """Keeps the run's settings."""
        write_json(self.settings_file, settings.to_json())

    def load_template(self) -> Template:
        """The template as it was when the run in place began.

        Raises:
            UserError: There is none, or it is faulty.
        """
        document = _read_json(self.template_file)
        try:
            return Template.from_json(document)
        except UserError as error:
            raise UserError(f"{self.template_file}: {error}") from error

    def find_template(self) -> Template | None:
        """The template as `load_template` gives it; None if it is lost."""
        try:
            return self.load_template()
        except UserError:
            return None

    def save_template(self, template: Template, modules: Mapping[str, str] | None = None) -> None:
        """Keeps the template, for the jobs of the run that begins.

        Args:
            template: The template.
            modules: The texts of the modules beside it, by path.
        """
        document = template.to_json()
        write_json(self.template_file, document | ({} if modules is None else {"modules": modules}))

    def load_modules(self) -> dict[str, str] | None:
        """The modules beside the template as they were when the run in place began.

        Returns:
            Texts by path; None if they were not kept.
        """
        try:
            document = _read_json(self.template_file)
        except UserError:
            return None
        modules = document.get("modules") if isinstance(document, dict) else None
        return dict(modules) if isinstance(modules, dict) else None

    def is_trainable(self, run: str, *, to_the_end: bool = False) -> bool:
        """Whether a network of the run could be trained so far: for a step, or `to_the_end`."""
        try:
            document = _read_json(self.trained_file)
        except UserError:
            return False
        if not isinstance(document, dict) or document.get("run") != run:
            return False
        return not to_the_end or document.get("to the end") is True

    def note_trainable(self, run: str, *, to_the_end: bool = False) -> None:
        """Notes that a network of a run could be trained: for a step, or `to_the_end`."""
        if not self.is_trainable(run, to_the_end=to_the_end):
            write_json(self.trained_file, {"run": run, "to the end": to_the_end})

    def load_calibration(self) -> dict[str, Any]:
        """By metric: `share`, `bound`, `samples`, ...; {} if there is nothing readable."""
        try:
            document = _read_json(self.calibration_file)
        except UserError:
            return {}
        return document if isinstance(document, dict) else {}

    def save_calibration(self, entries: Mapping[str, Any]) -> None:
        """Keeps the entries of some metrics; those of other metrics stay."""
        self.tmp.mkdir(parents=True, exist_ok=True)
        earlier = self.calibration_s
        if earlier:
            entries = {
                name: {**entry, "earlier seconds": earlier} for name, entry in entries.items()
            }
        write_json(self.calibration_file, self.load_calibration() | dict(entries))

    @property
    def calibration_s(self) -> float:
        """How long random networks were measured for the bounds of this run; 0 if none were.

        Bounds that change are calibrated again; this is the time of all calibrations together.
        """
        entries = [mapping(entry) for entry in self.load_calibration().values()]
        parts = [
            [number(entry.get(key, 0.0)) for key in ("seconds", "earlier seconds")]
            for entry in entries
        ]
        spent = [sum(filter(math.isfinite, one)) for one in parts]
        return max(spent, default=0.0)

    def best(self, run: str) -> BestNetwork | None:
        """The best network so far of the run with this name; None if there is none."""
        try:
            best = BestNetwork.from_json(_read_json(self.best_file))
        except UserError:
            return None
        return best if best is not None and best.run == run else None

    def save_best(self, best: BestNetwork, files: Mapping[Path, Path | None] | None = None) -> None:
        """Keeps the best network.

        Args:
            best: The network.
            files: Those of its model and weights that are moved to their places before; None as
                a value removes what is there.
        """
        write_json_after(self.best_file, best.to_json(), files or {})

    def run_name(self) -> str | None:
        """The name in the settings or in config.json; None if both are missing or faulty."""
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
        return None


def _is_file_name(name: str) -> bool:
    return Path(name).name == name and name.isprintable() and name not in ("", ".", "..")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{one_line(path)}: {error.strerror}; expected a run's file") from None
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"{one_line(path)}: got no valid JSON ({error}); expected a run's file"
        ) from None
