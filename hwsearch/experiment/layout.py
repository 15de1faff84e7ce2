"""The layout of an experiment's folder: the one place that knows each file's name.

<experiment>/keras_model/network_def.py     the user's; never written
<experiment>/spearmint/                     config.json, mainrun.py, output/00000001.out
<experiment>/tmp/                           template.json, settings.json, each rendered script
<experiment>/tmp/previous/<run>/            the same of former runs
<experiment>/best/, models/job-7/           networks that are kept for use
<experiment>/mongodb/                       the database's files, of all runs
"""

from __future__ import annotations

import os
from pathlib import Path


class Layout:
    """The paths of one experiment.

    Args:
        folder: May be relative; it is kept absolute.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() follows links

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    @property
    def template(self) -> Path:
        """The user's script with HYPERPARAM{...}."""
        return self.folder / "keras_model" / "network_def.py"

    @property
    def spearmint_dir(self) -> Path:
        """The folder that the optimiser is started on."""
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
        """Output of the jobs, one file per job."""
        return self.spearmint_dir / "output"

    @property
    def tmp(self) -> Path:
        """The tool's own files."""
        return self.folder / "tmp"

    @property
    def template_file(self) -> Path:
        """The template as it was when the run began."""
        return self.tmp / "template.json"

    @property
    def settings_file(self) -> Path:
        """The run's settings."""
        return self.tmp / "settings.json"

    @property
    def calibration_file(self) -> Path:
        """Costs of random networks on this machine, if a budget was given in percent."""
        return self.tmp / "calibration.json"

    @property
    def calibration_output(self) -> Path:
        """What the random networks of a calibration print."""
        return self.tmp / "calibration.out"

    @property
    def summary_file(self) -> Path:
        """The result of the run for programs, written whenever it ends."""
        return self.tmp / "summary.json"

    @property
    def searches_file(self) -> Path:
        """When the searches of the run began, and how long they took."""
        return self.tmp / "searches.json"

    @property
    def device_file(self) -> Path:
        """The device that the run's first measured network was measured on."""
        return self.tmp / "device.json"

    @property
    def learned_file(self) -> Path:
        """The results of an earlier run that inform the search, as the optimiser reads them."""
        return self.tmp / "learned.json"

    @property
    def hardware(self) -> Path:
        """Profiles of networks and the models made of them, of all runs of the template."""
        return self.tmp / "hardware"

    @property
    def paused(self) -> Path:
        """The states of paused trainings of the run in place."""
        return self.tmp / "paused"

    @property
    def unmeasured(self) -> Path:
        """Networks of the run in place that were trained and not measured."""
        return self.tmp / "unmeasured"

    @property
    def trained_file(self) -> Path:
        """There if a network of the run could be trained."""
        return self.tmp / "trained.json"

    @property
    def failed_file(self) -> Path:
        """Why jobs failed, before any network of the run was trained."""
        return self.tmp / "failed.json"

    @property
    def best_file(self) -> Path:
        """The best network under the budget."""
        return self.tmp / "best.json"

    @property
    def best_model(self) -> Path:
        """The trained model of the best network."""
        return self.tmp / "best_model.keras"

    @property
    def best_weights(self) -> Path:
        """Its weights alone."""
        return self.tmp / "best_model.weights.h5"

    @property
    def best_folder(self) -> Path:
        """The best network with all that is needed to use it."""
        return self.folder / "best"

    @property
    def models(self) -> Path:
        """The networks that --keep_models keeps, in one folder each."""
        return self.folder / "models"

    def kept_model(self, job_id: int) -> Path:
        """The folder of a job's network among them."""
        return self.models / f"job-{job_id}"

    @property
    def page(self) -> Path:
        """The HTML page of the run."""
        return self.tmp / "report.html"

    @property
    def best_lock(self) -> Path:
        """Locked while a job replaces the best network."""
        return self.tmp / "best.lock"

    @property
    def lock_file(self) -> Path:
        """Locked while a run is active."""
        return self.tmp / "run.lock"

    @property
    def finished(self) -> Path:
        """Networks that were trained for use after the search."""
        return self.tmp / "finished"

    @property
    def database_dir(self) -> Path:
        """The database's files."""
        return self.folder / "mongodb"

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """The folders of a run that was put aside; they go when they are empty."""
        return (self.output_dir, self.spearmint_dir, self.models, self.tmp, self.folder)

    def rendered(self, job_id: int) -> Path:
        """A job's script."""
        return self.tmp / f"{job_id:08d}_keras_net.py"

    def previous(self, name: str) -> Path:
        """The folder of a former run's files."""
        return self.tmp / "previous" / name
