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
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from hwsearch.atomic_files import write_atomic
from hwsearch.command_line.entry_point import exit_status
from hwsearch.errors import UserError, as_user_errors
from hwsearch.experiment import Archive
from hwsearch.experiment.run_lock import holders, run_lock
from hwsearch.formatting import counted
from hwsearch.printing import one_line
from hwsearch.report import command
from hwsearch.report.bridges.writing import write
from hwsearch.report.command import Request
from hwsearch.report.databases import Place, Runs, find, opened
from hwsearch.report.deleting import RunFiles, confirmed, to_delete
from hwsearch.report.exports import export
from hwsearch.report.output import put, show, terminal_width
from hwsearch.report.overview import best_rows, overview
from hwsearch.report.page.figures import write_figures
from hwsearch.report.page.file import source_of
from hwsearch.report.page.html import page
from hwsearch.report.sections import as_text
from hwsearch.report.status import listing, status
from spearmint import cleanup
from spearmint.control.search_lock import unused
from spearmint.database import without_password
from spearmint.errors import UserError as OptimiserError

#: A look at a run may take this share of the time at most.
_SHARE_OF_TIME = 0.05


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
    only_read = request.action != "delete"
    with as_user_errors(OptimiserError), opened(find(request), only_read=only_read) as runs:
        _act(request, runs)
    return 0


def _act(request: Request, runs: Runs) -> None:
    if request.action == "list":
        _list(runs)
        return
    name = runs.wanted(request.name)
    if request.action == "delete":
        _delete(name, request, runs)
    elif request.action == "watch":
        _watch(name, request, runs)
    elif request.action in ("html", "figures"):
        _draw(name, request, runs)
    else:
        known = runs.known(name)
        if request.action == "export":
            export(known, request.form, request.file)
        elif request.action == "bridge":
            put(write(known.table, known.template, request.form, request.target))
        elif request.action == "status":
            show([status(known, runs.searcher(name), time.time())])
        else:
            sections = overview(
                known.table,
                most=request.most,
                calibration_s=known.calibration_s,
                whole_s=known.elapsed_s(),
                notes=known.notes,
                models=known.models,
            )
            show(sections)


def _list(runs: Runs) -> None:
    found = [(runs.known(name), runs.searcher(name)) for name in runs.names()]
    show([listing(found, runs.place.shown)])


def _watch(name: str, request: Request, runs: Runs) -> None:
    """Shows the state again and again until nobody searches the run."""
    before = ""
    while True:
        began = time.monotonic()
        known, searcher = runs.known(name), runs.searcher(name)
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


def _draw(name: str, request: Request, runs: Runs) -> None:
    """Writes the page of a run, or its plots."""
    known, file = runs.known(name), request.file
    if file is None:
        file = Path("report.html") if known.files is None else known.files.page
    source = source_of(
        known.table,
        known.files,
        file.absolute().parent,
        analysis=runs.analysis(name, known),
        running=bool(runs.searcher(name)),
    )
    if request.action == "figures":
        for each in write_figures(file, page(source)):
            put(one_line(each))
        return
    try:
        write_atomic(file, page(source))
    except OSError as error:
        raise UserError(f"--html: {one_line(file)}: {error.strerror}") from None
    put(f"page: {one_line(file)}")


def _delete(name: str, request: Request, runs: Runs) -> None:
    """Deletes a run: its jobs first, then its files, so that what is left can be deleted again."""
    place, store = runs.place, runs.store
    with _kept_still(name, place, request.config):
        jobs = cleanup.unused_jobs(store, name)
        files = None if place.folder is None else RunFiles.of(place.folder, name, jobs)
        show([to_delete(name, len(jobs), files, without_password(place.address))])
        if not request.yes and not confirmed():
            put("nothing was deleted")
            return
        if name in store.experiments():
            store.drop(name)
        if files is not None:
            files.remove()
        _remove_key(name, runs)
        number = counted(0 if files is None else len(files.paths), "file")
        put(f"deleted: {one_line(name)}: {counted(len(jobs), 'job')}, {number}")


def _remove_key(name: str, runs: Runs) -> None:
    """Removes the key of the database's address when the last run of a folder has been deleted."""
    place = runs.place
    if place.folder is not None:
        if not runs.names():
            cleanup.remove_key(place.folder.spearmint_dir)
    elif place.config is not None and place.config.experiment == name:
        cleanup.remove_key(Path(place.config.folder or ""))


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


if __name__ == "__main__":
    sys.exit(main())
