"""Where runs are: the folder or database that a request means, and the runs in it.

For the entry point beside this module, which alone imports it: the two are the only modules of
`hwsearch` that import `spearmint`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hwsearch.errors import UserError, did_you_mean
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.run_lock import holders
from hwsearch.launch.server import own_server
from hwsearch.printing import one_line
from hwsearch.report.columns import Column, of_task
from hwsearch.report.command import Request
from hwsearch.report.runs import KnownRun, known_run
from spearmint.config import Config, parse
from spearmint.config.records import OUTCOMES
from spearmint.database import Database, connect, is_sqlite, without_password
from spearmint.errors import UserError as OptimiserError
from spearmint.processes import is_alive

_VARIABLE = "env:"
_NAMED = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where runs are.

    Attributes:
        address: The database's.
        database: Its name, on a MongoDB server.
        folder: The experiment; None for one of Spearmint's own form, and for a database alone.
        config: A config.json of the folder.
    """

    address: str
    database: str = "spearmint"
    folder: Experiment | None = None
    config: Config | None = None

    @property
    def shown(self) -> str:
        """The folder, or the address without its password."""
        if self.folder is not None:
            return one_line(self.folder.folder)
        return one_line(without_password(self.address))


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a place, in its open database."""

    place: Place
    store: Database

    def names(self) -> list[str]:
        """The runs of a place, the latest last: of a folder, those that belong to it."""
        stored = self.store.experiments()
        if self.place.folder is None:
            return stored
        archive = Archive(self.place.folder)
        current = archive.current_run()
        own = {*archive.former_runs(), current}
        here = str(self.place.folder.spearmint_dir)
        names = [name for name in stored if name in own or self._began_in(name, here)]
        files = archive.files_of(current) if current else None
        if current and current not in names and files and files.settings_file.is_file():
            names.append(current)  # it has no job yet
        return sorted(names, key=lambda name: (name == current, name))

    def wanted(self, name: str | None) -> str:
        """The name of the run that is meant.

        Raises:
            UserError: There is none of that name, or several without one.
        """
        names = self.names()
        if name is not None and (name in names or name in self.store.experiments()):
            return name
        if name is None and self.place.config is not None and self.place.folder is None:
            return self.place.config.experiment
        if name is None and (len(names) == 1 or (names and self.place.folder is not None)):
            return names[-1]
        if not names:
            raise UserError(f"{self.place.shown}: has no runs")
        shown = ", ".join(map(one_line, names[-_NAMED:])) + (
            " and more" if len(names) > _NAMED else ""
        )
        got = "no name" if name is None else repr(name)
        hint = "" if name is None else did_you_mean(name, names)
        raise UserError(f"NAME: got {got}; expected one of {shown}{hint}")

    def known(self, name: str) -> KnownRun:
        """A run, with the columns of its config.json if that is here."""
        columns: list[Column] = []
        asked = None
        if self.place.config is not None and self.place.config.experiment == name:
            columns = [
                of_task(
                    task.name,
                    objective=task.objective,
                    negated=task.negated,
                    outcome=task.likelihood in OUTCOMES,
                )
                for task in self.place.config.tasks
            ]
            asked = self.place.config.max_finished_jobs
        return known_run(name, self.store.jobs(name), self.place.folder, columns, asked)

    def searcher(self, name: str) -> str:
        """Who searches a run, "process 1234"; "" if nobody does as far as this machine knows."""
        jobs = self.store.brief_jobs(name)
        for job in reversed(jobs):
            if is_alive(job.get("controller")):
                return f"process {str(job['controller']).split(':')[1]}"
        if self.place.folder is not None and Archive(self.place.folder).current_run() == name:
            found = holders(self.place.folder)
            if found:
                return f"process {found[0]}"
        expired = {job["id"] for job in self.store.expired(name)}
        for job in jobs:
            if job["status"] == "pending" and job["id"] not in expired:
                alive = is_alive(job.get("worker"))
                if alive is not False:
                    return f"job {job['id']}" + ("" if alive else ", on another machine")
        return ""

    def analysis(self, name: str, known: KnownRun) -> dict[str, Any]:
        """What the models say about a run; {} if its config.json is not here."""
        files, config = known.files, self.place.config
        if files is not None and files.config_file.is_file():
            config = _config(files.config_file, files.spearmint_dir)
        if config is None or config.experiment != name:
            return {}
        from spearmint.analysis import analyse  # noqa: PLC0415 - it loads SciPy

        try:
            jobs, hypers = self.store.jobs(name), self.store.hypers(name)
            best = known.table.best_point(jobs)
            return analyse(config.problem, jobs, hypers=hypers, best=best)
        except OptimiserError:  # its jobs are from before a change of config.json
            return {}

    def _began_in(self, name: str, folder: str) -> bool:
        first = self.store.job(name, 1)
        return first is not None and first.get("expt_dir") == folder


@contextlib.contextmanager
def opened(place: Place, *, only_read: bool = False) -> Iterator[Runs]:
    """Opens the database of a place; a run's own server is started if it has been stopped.

    Args:
        place: What a request means.
        only_read: Whether it may be a file that this user may not write.

    Raises:
        UserError: It cannot be reached or read.
    """
    with contextlib.ExitStack() as stack:
        if place.folder is not None:
            address = stack.enter_context(own_server.address_of(place.folder, place.address))
            place = replace(place, address=address)
        store = stack.enter_context(
            connect(place.address, place.database, create=False, only_read=only_read)
        )
        yield Runs(place, store)


def find(request: Request) -> Place:
    """The database and the folder that a request means.

    Raises:
        UserError: There is no run in the folder, or the text is no address.
    """
    folder = Path(request.place)
    if folder.is_dir():
        if (folder.parent / "tmp" / "settings.json").is_file() and folder.name == "spearmint":
            folder = folder.parent
        if (folder / request.config).is_file():
            config = _config(folder / request.config, folder)
            return Place(config.address, config.database, config=config)
        return _of_experiment(Experiment(folder), request)
    address = request.place
    if address.startswith(_VARIABLE):
        address = os.environ.get(address.removeprefix(_VARIABLE), "")
        if not address:
            raise UserError(f"{request.place}: that environment variable is not set")
    elif "/" in address and not is_sqlite(address) and "://" not in address:
        raise UserError(
            f"{one_line(address)}: no such folder; expected an experiment's, or the address of a "
            "database: sqlite:PATH, HOST:PORT or mongodb://..."
        )
    return Place(address, request.database)


def _of_experiment(experiment: Experiment, request: Request) -> Place:
    """The database of an experiment, as the config.json of one of its runs names it."""
    archive = Archive(experiment)
    current = archive.current_run()
    runs = [*archive.former_runs(), *([current] if current else [])]
    for name in (request.name, *reversed(runs)):
        file = archive.files_of(name).config_file if name in runs else None
        if file is not None and file.is_file():
            config = _config(file, experiment.spearmint_dir)
            return Place(config.address, config.database, experiment, config)
    default = experiment.database_dir / "spearmint.sqlite"
    if default.is_file():
        return Place(f"sqlite:{default}", folder=experiment)
    starting = holders(experiment)
    if starting:
        raise UserError(
            f"{one_line(experiment.folder)}: a run is starting (process {starting[0]}) and has no "
            "results yet; try again later"
        )
    raise UserError(
        f"{one_line(experiment.folder)}: no run; expected the folder of an experiment that was "
        f"started, or one with a {one_line(request.config)}"
    )


def _config(file: Path, folder: Path) -> Config:
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(f"{one_line(file)}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{one_line(file)}: is not JSON: {error}") from None
    return parse(document, source=str(file), folder=folder.absolute(), files=False)
