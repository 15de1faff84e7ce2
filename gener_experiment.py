#!/usr/bin/env python3
"""Entry point: turns a template into an experiment and starts the optimiser on it."""

from __future__ import annotations

import os
import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C while modules are imported ends the program at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsearch.command_line.entry_point import exit_status
from hwsearch.errors import as_user_errors
from hwsearch.experiment import Experiment
from hwsearch.launch.child_process import occupy_standard_streams
from hwsearch.launch.command import flags
from hwsearch.launch.launching import launch
from hwsearch.launch.profiling import profile
from hwsearch.measuring import survey
from hwsearch.printing import one_line
from spearmint import schedulers
from spearmint.config import check_resources, parse
from spearmint.console.printing import make_lenient, own_stream
from spearmint.database import (
    Database,
    absolute,
    connect,
    is_sqlite,
    passwordless,
    sqlite_path,
    without_password,
)
from spearmint.errors import UserError as OptimiserError
from spearmint.processes import is_alive


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    occupy_standard_streams()
    return exit_status(lambda: run(sys.argv[1:] if argv is None else argv))


def run(argv: Sequence[str]) -> int:
    """Starts or resumes a run and reports it, or lists what can be measured.

    Raises:
        UserError: Something in the request is wrong; nothing was moved or written.
    """
    request = flags.read(argv)
    if request.list_meters:
        print(survey.table())
        return 0
    if request.resources_file:
        with as_user_errors(OptimiserError):
            check_resources(request.given["resources"], one_line(request.resources_file))
    if request.only_profiles:
        return profile.alone(request)
    if request.database is not None:
        request.database = _kept_out_of_files(absolute(request.database, Path.cwd()))
    if not request.json:
        return launch(request, Results)
    stream = own_stream()
    status = launch(request, Results)
    with contextlib.suppress(FileNotFoundError):  # the results are in a database of another tool
        stream.write(Experiment(request.experiment).summary_file.read_text(encoding="utf-8"))
        stream.flush()
    return status


def _kept_out_of_files(address: str) -> str:
    """The address for config.json and settings.json; one with a password goes to the environment.

    The optimiser and its workers inherit the environment, which other users cannot read.
    """
    stored = passwordless(address)
    if stored != address and not os.environ.get("SPEARMINT_DB_ADDRESS", "").strip():
        os.environ["SPEARMINT_DB_ADDRESS"] = address
    return stored


class Results:
    """The database that a config.json names, opened as our optimiser does it.

    Args:
        document: The config.json; all of it is checked.
        experiment: Relative paths start at its folder for the optimiser.

    Raises:
        UserError: The optimiser would refuse the config.json.
    """

    def __init__(self, document: dict[str, Any], experiment: Experiment) -> None:
        with as_user_errors(OptimiserError):
            self._config = parse(document, folder=experiment.spearmint_dir, files=False)
        self._own_folder = experiment.database_dir

    @property
    def address(self) -> str:
        """The address without its password."""
        return without_password(self._config.address)

    def runs(self, *, create: bool) -> set[str]:
        """Names of the runs that the database keeps.

        Args:
            create: Whether a missing SQLite file is created, which shows that it can be. In the
                experiment's own folder it is not: the folder itself is created later.
        """
        address = self._config.address
        file = Path(sqlite_path(address))
        create = create and file.parent != self._own_folder
        if is_sqlite(address) and not file.exists() and not create:
            return set()
        with self._opened() as database:
            return set(database.experiments())

    def check_schedulers(self) -> None:
        """Checks each cluster: programs, arguments, a Ray with an address, the database."""
        with as_user_errors(OptimiserError):
            for resource in self._config.resources:
                schedulers.check(resource, self._config)

    def jobs(self, run: str) -> list[dict[str, Any]]:
        """The job documents of a run."""
        with self._opened() as database:
            return database.jobs(run)

    def job(self, run: str, job_id: int) -> dict[str, Any] | None:
        """The document of one job; None if there is none."""
        with self._opened() as database:
            return database.job(run, job_id)

    def analysis(self, run: str, best: Mapping[str, Any] | None) -> dict[str, Any]:
        """What the models say about a run, by task; see `spearmint.analysis`."""
        from spearmint.analysis import analyse  # noqa: PLC0415 - it loads SciPy

        with self._opened() as database:
            jobs, hypers = database.jobs(run), database.hypers(run)
            return analyse(self._config.problem, jobs, hypers=hypers, best=best)

    def discarded(self, run: str, version: str) -> list[dict[str, Any]]:
        """The candidates that a version of the check has kept from becoming jobs."""
        with self._opened() as database:
            found = database.discarded(run)
        return [candidate for candidate in found if candidate.get("version") == version]

    def running(self, run: str) -> list[int]:
        """Ids of the pending jobs of a run whose processes may be alive."""
        return [
            job["id"]
            for job in self.jobs(run)
            if job["status"] == "pending" and is_alive(job.get("worker")) is not False
        ]

    def update(self, run: str, job: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
        """Changes fields of a job if its status and attempt are still those of the document."""
        with self._opened() as database:
            return database.update(
                run,
                job["id"],
                status=job["status"],
                attempt=int(job.get("attempt", 0)),
                changes=changes,
            )

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Database]:
        with (
            as_user_errors(OptimiserError),
            connect(self._config.address, self._config.database) as database,
        ):
            yield database


if __name__ == "__main__":
    make_lenient()
    sys.exit(main())
