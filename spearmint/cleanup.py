"""Removes the results of an experiment: `cleanup.sh [--config NAME] DIR`.

Removed are its jobs and the model's state in the database, the output files of its jobs in
DIR/output, and the key of the database's address. All other files stay.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run as a script: this folder's modules are not top-level ones
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from spearmint.config import Config, load
from spearmint.config.reader import is_file
from spearmint.console.command_line import counted, experiment_parser, not_installed
from spearmint.console.printing import make_lenient, printable, printable_lines
from spearmint.control.search_lock import unused
from spearmint.database import Database, Document
from spearmint.errors import UserError
from spearmint.worker.sealing import KEY_FILE

_OUTPUT = re.compile(r"\d{8,}\.(out|pbs|job)")
_REMOVED, _NOTHING = "removed", "nothing to remove"


def clean(config: Config) -> list[str]:
    """Removes the results; returns one line about each place.

    Raises:
        UserError: A job or a controller is running, or something cannot be removed.
    """
    subdirs = dict.fromkeys(resource.output_subdir for resource in config.resources)
    folders = [Path(config.folder or "", subdir) for subdir in subdirs]
    lines = [_clean_database(config), *map(_clean_output, folders)]
    return lines + remove_key(Path(config.folder or ""))


def remove_key(folder: Path) -> list[str]:
    """Removes the key of the database's address, if DIR has one; returns one line if it has.

    Raises:
        UserError: It cannot be removed.
    """
    file = folder / KEY_FILE
    try:
        file.unlink()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UserError(f"{file}: cannot be removed: {error.strerror}") from None
    return [f"{_REMOVED}: {file}"]


def _clean_database(config: Config) -> str:
    from spearmint.database import connect  # noqa: PLC0415 - --help needs none

    name = config.experiment
    with connect(config.address, config.database) as store:
        jobs = unused_jobs(store, name)
        if name not in store.experiments() and not store.discarded(name):
            return f"{_NOTHING}: {name}: no jobs in the database"
        store.drop(name)
    return f"{_REMOVED}: {name}: {counted(len(jobs), 'job')} and the state of the model"


def unused_jobs(store: Database, name: str) -> list[Document]:
    """The jobs of an experiment that nobody works on.

    Raises:
        UserError: A job may be running, or the controller that added it is.
    """
    jobs = store.jobs(name)
    expired = {job["id"] for job in store.expired(name)}
    for job in jobs:
        _check_unused(name, job, leased=job["id"] not in expired)
    return jobs


def _check_unused(name: str, job: Document, *, leased: bool) -> None:
    """Raises UserError if a job may be running, or if the controller that added it is.

    Args:
        name: The experiment.
        job: One of its jobs.
        leased: Whether the job's lease, if it has one, has not run out.
    """
    from spearmint import processes  # noqa: PLC0415 - --help needs none

    alive = processes.is_alive(job.get("worker"))
    if job["status"] == "pending" and (alive or (alive is None and leased)):
        where = "" if alive else ", on another machine"
        raise UserError(f"job {job['id']} of {name} is running{where}; stop it first (Ctrl-C)")
    if processes.is_alive(job.get("controller")):
        number = str(job["controller"]).split(":")[1]
        raise UserError(f"{name} is being searched by the process {number}; stop it first (Ctrl-C)")


def _clean_output(folder: Path) -> str:
    if not folder.is_dir():
        return f"{_NOTHING}: {folder}: no such folder"
    try:
        files = [path for path in folder.iterdir() if _OUTPUT.fullmatch(path.name)]
        for path in files:
            path.unlink()
        other = len(list(folder.iterdir()))
        if not other:
            folder.rmdir()
    except OSError as error:
        raise UserError(f"{folder}: cannot be removed: {error}") from None
    verb = "stays" if other == 1 else "stay"
    note = f"; {counted(other, 'other file')} {verb}" if other else ""
    if other and not files:
        return f"{_NOTHING}: {folder}: no output of jobs{note}"
    return f"{_REMOVED}: {folder}: {counted(len(files), 'file')}{note}"


def folder_of(folder: Path, name: str) -> Path:
    """The folder with config.json: the given one, or `spearmint` in a folder of HyperPower."""
    below = folder / "spearmint"
    return below if is_file(below / name) and not is_file(folder / name) else folder


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    parser = experiment_parser(
        "cleanup.sh",
        "Remove the results of the experiment in DIR or DIR/spearmint, without asking.",
    )
    args = parser.parse_args(argv)
    try:
        folder = folder_of(Path(args.dir), args.config)
        config = load(folder, args.config, files=False)
        with unused(folder / args.config):
            lines = clean(config)
    except UserError as error:
        print(printable_lines(str(error)), file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(not_installed(error), file=sys.stderr)
        return 2
    print("\n".join(map(printable, lines)))
    return 0


if __name__ == "__main__":
    make_lenient()
    sys.exit(main())
