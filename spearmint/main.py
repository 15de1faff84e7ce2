"""Runs the experiment of DIR/config.json: `python spearmint/main.py [flags] DIR`.

Exit status: 0 if the search is done (max-finished-jobs, max-time, no point left), 1 if no job has a
result, five in a row have failed, or a job could not begin, 2 after an error that the user can
correct, 129, 130 and 143 after a closed terminal, Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until `Interrupts` handles it, Ctrl-C ends the program at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import os
import traceback
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":  # run as a script: this folder's modules are not top-level ones
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from spearmint.console.command_line import (
    count,
    experiment_parser,
    not_installed,
    seconds,
    whole_number,
)
from spearmint.console.printing import make_lenient, one_line, own_stream, printable_lines
from spearmint.control.interrupts import Interrupted, Interrupts
from spearmint.database import without_password
from spearmint.errors import UserError

if TYPE_CHECKING:
    from spearmint.config import Config
    from spearmint.control.controller import Controller
    from spearmint.control.progress import Progress
    from spearmint.schedulers import Scheduler


def parser() -> argparse.ArgumentParser:
    """The command line; its flags take precedence over config.json."""
    found = experiment_parser(
        "main.py",
        "Search for the parameters that minimise the objective of DIR under its constraints.",
        epilog="The other defaults are those of the configuration file. An interrupted run "
        "continues when started again. - and _ are interchangeable in flags.",
    )
    found.add_argument(
        "--seed", type=whole_number, metavar="N", help="random seed of the optimiser"
    )
    found.add_argument(
        "--max-finished-jobs",
        type=count,
        metavar="N",
        help="stop after N jobs, including those of earlier runs",
    )
    found.add_argument(
        "--max-time",
        type=seconds,
        metavar="S",
        help="start no new job after S seconds (running jobs finish)",
    )
    found.add_argument(
        "--max-concurrent",
        type=count,
        metavar="N",
        help="run at most N jobs at a time on each resource",
    )
    found.add_argument(
        "--retry-broken", action="store_true", help="run the broken jobs of earlier runs again"
    )
    found.add_argument(
        "--events",
        action="store_true",
        help="print what happens as JSON, one object per line, for other programs",
    )
    found.add_argument("--debug", action="store_true", help="print tracebacks and timings")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    args = parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if args.events:
        args.events = own_stream()  # before any child inherits standard output
    try:
        return run(args)
    except UserError as error:
        if args.debug:
            traceback.print_exc()
        print(printable_lines(str(error)), file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if args.debug or str(error.name).startswith("spearmint."):
            raise
        print(not_installed(error), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of the output has gone; the flush at exit would fail as well.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141


def run(args: argparse.Namespace) -> int:
    """Creates the parts of an experiment and runs the loop; returns the exit status.

    Raises:
        UserError: An error in config.json, its files, the flags or the database.
    """
    with Interrupts() as interrupts:
        try:
            return search(args, interrupts)
        except Interrupted:  # a second signal, before or after the loop
            return 128 + int(interrupts.received or 0)


def search(args: argparse.Namespace, interrupts: Interrupts) -> int:
    """Does what `run` says; a second signal raises Interrupted."""
    with ExitStack() as stack:
        # Imported here because --help needs none of these.
        from spearmint import choosers, database  # noqa: PLC0415
        from spearmint.checking.checker import Checker  # noqa: PLC0415
        from spearmint.config import load  # noqa: PLC0415
        from spearmint.control.controller import Controller  # noqa: PLC0415
        from spearmint.control.events import Events  # noqa: PLC0415
        from spearmint.control.progress import Progress  # noqa: PLC0415
        from spearmint.control.screening import Screening  # noqa: PLC0415
        from spearmint.control.search_lock import searched  # noqa: PLC0415
        from spearmint.control.store import InterruptibleDatabase  # noqa: PLC0415
        from spearmint.control.suggestions import Suggestions  # noqa: PLC0415
        from spearmint.control.supervisor import Supervisor  # noqa: PLC0415

        config = with_flags(load(args.dir, args.config, check=choosers.check), args)
        stack.enter_context(searched(Path(args.dir, args.config)))
        by_resource = _schedulers(config, stack)
        # Every fault of config.json is found before anything is written.
        chooser = choosers.create(config)
        for resource in config.resources:
            make_writable(Path(config.folder or "", resource.output_subdir))
        store: database.Database = database.connect(config.address, config.database)
        store = stack.enter_context(InterruptibleDatabase(store, interrupts))
        progress = (Events if args.events else Progress)(
            config.tasks,
            args.events or None,
            space=chooser.space,
            debug=args.debug,
            resources=[resource.name for resource in config.resources],
        )
        _say_what_is_searched(config, chooser.warnings, progress)
        supervisor = Supervisor(config, store, by_resource, progress)
        suggestions = Suggestions(config, store, chooser, progress, interrupts)
        if config.candidate_check is not None:
            checker = Checker.create(config, config.candidate_check)
            stack.callback(checker.close)
            suggestions.screening = Screening(
                config, config.candidate_check, store, checker, chooser.space, progress
            )
        controller = Controller(
            config, store, supervisor, suggestions, progress, interrupts, args.retry_broken
        )
        try:
            return run_loop(controller, interrupts)
        except (UserError, BrokenPipeError):
            with suppress(UserError, BrokenPipeError, Interrupted):
                supervisor.stop()
            raise


def _schedulers(config: Config, stack: ExitStack) -> dict[str, Scheduler]:
    """The schedulers by resource, started; the stack closes them."""
    from spearmint import schedulers  # noqa: PLC0415 - as above

    found = {}
    for resource in config.resources:
        found[resource.name] = schedulers.create(resource, config)
        stack.callback(found[resource.name].close)
    for scheduler in found.values():
        scheduler.start()  # imports what jobs need while the chooser is made
    return found


def _say_what_is_searched(config: Config, warnings: Sequence[str], progress: Progress) -> None:
    for line in (*config.warnings, *warnings):
        print(f"warning: {one_line(line)}", file=sys.stderr, flush=True)
    progress.print(
        f"experiment {one_line(config.experiment)} in "
        f"{one_line(without_password(config.address), 4096)}, "
        f"seed {config.seed}"
    )


def run_loop(controller: Controller, interrupts: Interrupts) -> int:
    """Runs the loop; a first signal stops it and its jobs, a second one ends it at once."""
    try:
        return controller.run()
    except Interrupted:
        with suppress(Interrupted):
            return controller.stop()
    return 128 + int(interrupts.received or 0)


def with_flags(config: Config, args: argparse.Namespace) -> Config:
    """The configuration with the values of the flags that were given."""
    if args.seed is not None:
        config = replace(config, problem=replace(config.problem, seed=args.seed))
    if args.max_time is not None:
        config = replace(config, max_time=args.max_time)
    if args.max_finished_jobs is not None:
        resources = config.resources
        if len(resources) == 1:
            resources = (replace(resources[0], max_finished_jobs=args.max_finished_jobs),)
        config = replace(config, max_finished_jobs=args.max_finished_jobs, resources=resources)
    if args.max_concurrent is not None:
        resources = tuple(replace(r, max_concurrent=args.max_concurrent) for r in config.resources)
        config = replace(config, resources=resources)
    return config


def make_writable(folder: Path) -> None:
    """Creates the folder for the output of jobs.

    Raises:
        UserError: It cannot be created or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"output-subdir: {folder}: cannot be created: {error.strerror}") from None
    effective = os.access in os.supports_effective_ids
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=effective):
        raise UserError(
            f"output-subdir: {folder}: no permission to write; expected a writable folder"
        )


if __name__ == "__main__":
    make_lenient()
    sys.exit(main())
