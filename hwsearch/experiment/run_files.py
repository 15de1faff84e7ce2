"""The files that a run writes, among all files of its experiment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hwsearch.experiment.kept.folder import KeptFolder

# The files that a run writes, relative to the experiment. Nothing else is ever moved. The settings
# come last: they name the run, so that an interrupted move continues where it stopped.
_RUN_FILES = (
    "spearmint/config.json",
    "spearmint/mainrun.py",
    "spearmint/output/*.out",
    "tmp/*_keras_net.py",
    "tmp/*_files",
    "tmp/paused",
    "tmp/unmeasured",
    "tmp/best.json",
    "tmp/best_model.keras",
    "tmp/best_model.weights.h5",
    "tmp/calibration.json",
    "tmp/calibration.out",
    "tmp/trained.json",
    "tmp/failed.json",
    "tmp/device.json",
    "tmp/learned.json",
    "tmp/report*",
    "tmp/searches.json",
    "tmp/summary.json",
    "tmp/template.json",
    "tmp/settings.json",
)
_JOB_FILE = re.compile(r"\d{8,}(\.out|_keras_net\.py|_files)")


def run_files(folder: Path, run: str | None, kept: Iterable[Path]) -> Iterator[Path]:
    """The files that a run has written, the settings last.

    Args:
        folder: The experiment.
        run: The run's name.
        kept: Folders that may keep networks of the run; those that do are among the files.
    """
    for path in kept:
        network = KeptFolder(path).network()
        if network is not None and network.run == run:
            yield path
    for pattern in _RUN_FILES:
        for path in sorted(folder.glob(pattern)):
            if "*" not in pattern or pattern.endswith("report*") or is_job_file(path):
                yield path


def is_job_file(path: Path) -> bool:
    """Whether a file is named as a job's output or script is."""
    return _JOB_FILE.fullmatch(path.name) is not None
