"""The page of a run as a file, with links to the files of its jobs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hwsearch.atomic_files import write_atomic
from hwsearch.experiment import Experiment, Settings
from hwsearch.report.model_files import kept_readmes
from hwsearch.report.page.document import Source
from hwsearch.report.page.html import page
from hwsearch.report.row import Row
from hwsearch.report.run_table import RunTable


def write_page(
    path: Path,
    settings: Settings,
    jobs: Sequence[Mapping[str, Any]],
    experiment: Experiment,
    *,
    analysis: Mapping[str, Any] | None = None,
    running: bool = False,
) -> None:
    """Writes the page of a run of HyperPower; a reader sees the old file or the new one.

    Args:
        path: The file; its folder exists.
        settings: Those of the run.
        jobs: Its job documents.
        experiment: Its files.
        analysis: What the optimiser's models say (`Results.analysis`); None if it is unknown.
        running: Whether the search is still running.

    Raises:
        OSError: The file cannot be written.
    """
    table = RunTable.of_run(settings, jobs, experiment.find_template())
    known = analysis or {}
    source = source_of(table, experiment, path.parent, analysis=known, running=running)
    write_atomic(path, page(source))


def source_of(
    table: RunTable,
    experiment: Experiment | None,
    folder: Path,
    *,
    analysis: Mapping[str, Any],
    running: bool = False,
) -> Source:
    """What the page of a run is made of.

    Args:
        table: The run.
        experiment: Its files; None if they are not here.
        folder: That of the page, at which links begin.
        analysis: What the optimiser's models say; {} if it is unknown.
        running: Whether the search is still running.
    """
    kept = {} if experiment is None else kept_readmes(table.run, experiment)
    return Source(
        table,
        written=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %Z"),
        running=running,
        analysis=analysis,
        template=None if experiment is None else experiment.find_template(),
        links=lambda row: {} if experiment is None else links(row, experiment, folder, kept),
    )


def links(
    row: Row, experiment: Experiment, folder: Path, kept: Mapping[object, Path]
) -> dict[str, str]:
    """The files of a job that are there, as URLs relative to the page's folder.

    Args:
        row: The job.
        experiment: The run's files.
        folder: That of the page.
        kept: README.md of each network that is kept, by job.
    """
    if not isinstance(row.job, int):
        return {}
    files = {
        "script": experiment.rendered(row.job),
        "output": experiment.output_dir / f"{row.job:08d}.out",
        "model": kept.get(row.job),
    }
    return {
        label: quote(Path(os.path.relpath(file, folder)).as_posix())
        for label, file in files.items()
        if file is not None and file.is_file()
    }
