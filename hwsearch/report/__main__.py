"""Entry point: `python -m hwsearch.report DIR|ADDRESS [NAME]` reports a run, and deletes one.

As the other entry points, it imports both packages: it reads the databases of `spearmint` and gives
the job documents to the modules beside it, which need no database.
"""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C while modules are imported ends the program at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hwsearch.command_line.entry_point import exit_status
from hwsearch.errors import UserError, did_you_mean
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.run_lock import holders, run_lock
from hwsearch.launch import own_server
from hwsearch.printing import one_line
from hwsearch.report import command
from hwsearch.report.bridges.writing import write
from hwsearch.report.columns import Column, of_task
from hwsearch.report.command import Request
from hwsearch.report.deleting import RunFiles, confirmed, counted, to_delete
from hwsearch.report.exports import export
from hwsearch.report.output import put, show, terminal_width
from hwsearch.report.overview import best_rows, overview
from hwsearch.report.runs import KnownRun, known_run
from hwsearch.report.sections import as_text
from hwsearch.report.status import listing, status
from spearmint import cleanup
from spearmint.config import Config, parse
from spearmint.config.records import OUTCOMES
from spearmint.control.search_lock import unused
from spearmint.database import Database, connect, is_sqlite, without_password
from spearmint.errors import UserError as OptimiserError
from spearmint.processes import is_alive

_VARIABLE = "env:"
#: A look at a run may take this share of the time at most.
_SHARE_OF_TIME = 0.05
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


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # Names may have characters that the terminal does not know.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    return exit_status(lambda: run(sys.argv[1:] if argv is None else argv))


def run(argv: Sequence[str]) -> int:
    """Does what the words of the command line ask for; returns the exit status.

    Raises:
        UserError: The request is wrong, or the database cannot be read.
    """
    request = command.read(argv)
    with _optimiser_errors(), _opened(find(request)) as (place, store):
        _act(request, place, store)
    return 0


def _act(request: Request, place: Place, store: Database) -> None:
    if request.action == "list":
        _list(place, store)
        return
    name = _wanted(request.name, place, store)
    if request.action == "delete":
        _delete(name, request, place, store)
    elif request.action == "watch":
        _watch(name, request, place, store)
    else:
        known = _known(name, place, store)
        if request.action == "export":
            export(known.table, request.form, request.file)
        elif request.action == "bridge":
            put(write(known.table, known.template, request.form, request.target))
        elif request.action == "status":
            show([status(known, _searcher(name, place, store), time.time())])
        else:
            sections = overview(
                known.table,
                most=request.most,
                calibration_s=known.calibration_s,
                notes=known.notes,
            )
            show(sections)


# -- where the runs are ------------------------------------------------------------------------


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
    runs = [*reversed(archive.former_runs()), *([current] if current else [])]
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


@contextlib.contextmanager
def _opened(place: Place) -> Iterator[tuple[Place, Database]]:
    """The database, and the place with the address at which it is by now."""
    with contextlib.ExitStack() as stack:
        if place.folder is not None:
            address = stack.enter_context(own_server.address_of(place.folder, place.address))
            place = replace(place, address=address)
        yield place, stack.enter_context(connect(place.address, place.database, create=False))


# -- runs --------------------------------------------------------------------------------------


def _names(place: Place, store: Database) -> list[str]:
    """The runs of a place, the latest last: of a folder, those that belong to it."""
    stored = store.experiments()
    if place.folder is None:
        return stored
    archive = Archive(place.folder)
    current = archive.current_run()
    own = {*archive.former_runs(), current}
    here = str(place.folder.spearmint_dir)
    names = [name for name in stored if name in own or _began_in(name, here, store)]
    files = archive.files_of(current) if current else None
    if current and current not in names and files and files.settings_file.is_file():
        names.append(current)  # it has no job yet
    return sorted(names, key=lambda name: (name == current, name))


def _began_in(name: str, folder: str, store: Database) -> bool:
    first = store.job(name, 1)
    return first is not None and first.get("expt_dir") == folder


def _wanted(name: str | None, place: Place, store: Database) -> str:
    """The name of the run that is meant.

    Raises:
        UserError: There is none of that name, or several without one.
    """
    names = _names(place, store)
    if name is not None and (name in names or name in store.experiments()):
        return name
    if name is None and place.config is not None and place.folder is None:
        return place.config.experiment
    if name is None and (len(names) == 1 or (names and place.folder is not None)):
        return names[-1]
    if not names:
        raise UserError(f"{place.shown}: has no runs")
    shown = ", ".join(map(one_line, names[-_NAMED:])) + (" and more" if len(names) > _NAMED else "")
    got = "no name" if name is None else repr(name)
    hint = "" if name is None else did_you_mean(name, names)
    raise UserError(f"NAME: got {got}; expected one of {shown}{hint}")


def _known(name: str, place: Place, store: Database) -> KnownRun:
    columns: list[Column] = []
    asked = None
    if place.config is not None and place.config.experiment == name:
        columns = [
            of_task(
                task.name,
                objective=task.objective,
                negated=task.negated,
                outcome=task.likelihood in OUTCOMES,
            )
            for task in place.config.tasks
        ]
        asked = place.config.max_finished_jobs
    return known_run(name, store.jobs(name), place.folder, columns, asked)


def _searcher(name: str, place: Place, store: Database) -> str:
    """Who searches a run: "process 1234"; "" if nobody does, as far as this machine can tell."""
    jobs = store.brief_jobs(name)
    for job in reversed(jobs):
        if is_alive(job.get("controller")):
            return f"process {str(job['controller']).split(':')[1]}"
    if place.folder is not None and Archive(place.folder).current_run() == name:
        found = holders(place.folder)
        if found:
            return f"process {found[0]}"
    expired = {job["id"] for job in store.expired(name)}
    for job in jobs:
        if job["status"] == "pending" and job["id"] not in expired:
            alive = is_alive(job.get("worker"))
            if alive is not False:
                return f"job {job['id']}" + ("" if alive else ", on another machine")
    return ""


# -- what is asked for -------------------------------------------------------------------------


def _list(place: Place, store: Database) -> None:
    names = _names(place, store)
    runs = [(_known(name, place, store), _searcher(name, place, store)) for name in names]
    show([listing(runs, place.shown)])


def _watch(name: str, request: Request, place: Place, store: Database) -> None:
    """Shows the state again and again until nobody searches the run."""
    before = ""
    while True:
        began = time.monotonic()
        known, searcher = _known(name, place, store), _searcher(name, place, store)
        text = as_text(
            [status(known, searcher, time.time()), *best_rows(known.table, request.most)],
            terminal_width(),
        )
        if sys.stdout.isatty():
            lines = text.split("\n")[: shutil.get_terminal_size().lines - 1]
            put("\x1b[H\x1b[J" + "\n".join(lines))
        elif text != before:
            put(text + "\n")
        before = text
        if not searcher:
            return
        took = time.monotonic() - began
        time.sleep(max(request.pause_s, took / _SHARE_OF_TIME))


def _delete(name: str, request: Request, place: Place, store: Database) -> None:
    """Deletes a run: its jobs first, then its files, so that what is left can be deleted again."""
    with _kept_still(name, place, request.config):
        jobs = cleanup.unused_jobs(store, name)
        files = None if place.folder is None else RunFiles.of(place.folder, name)
        show([to_delete(name, len(jobs), files, without_password(place.address))])
        if not request.yes and not confirmed():
            put("nothing was deleted")
            return
        if name in store.experiments():
            store.drop(name)
        if files is not None:
            files.remove()
        number = counted(0 if files is None else len(files.paths), "file")
        put(f"deleted: {one_line(name)}: {counted(len(jobs), 'job')}, {number}")


@contextlib.contextmanager
def _kept_still(name: str, place: Place, config: str) -> Iterator[None]:
    """Keeps the run from being resumed for a `with` block; an active one is an error."""
    if place.folder is None:
        if place.config is None:
            yield
            return
        with unused(Path(place.config.folder or "", config)):
            yield
        return
    is_current = Archive(place.folder).current_run() == name
    if holders(place.folder) and not is_current:
        yield  # as long as another run is active here, this one cannot be resumed
        return
    with run_lock(place.folder):
        yield


@contextlib.contextmanager
def _optimiser_errors() -> Iterator[None]:
    """Passes errors of the optimiser's package on as errors of hwsearch."""
    try:
        yield
    except OptimiserError as error:
        raise UserError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
