"""The front door: `python spearmint/main.py [flags] DIR` runs the experiment of DIR/config.json.

Exit status: 0 when it is done (max-finished-jobs, max-time, no point left), 1 when nothing but
broken jobs came of it, 2 for a fault of the user's, 130 after Ctrl-C, 143 after SIGTERM.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if __name__ == "__main__":  # run as a script: this folder's modules are not top-level ones
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from spearmint.control.interrupts import Interrupted, Interrupts
from spearmint.database import without_password
from spearmint.errors import UserError

if TYPE_CHECKING:
    from spearmint.config import Config
    from spearmint.control.controller import Controller


class Parser(argparse.ArgumentParser):
    """Faults of the command line are one line."""

    def error(self, message: str) -> NoReturn:
        """Prints the line and exits with status 2."""
        self.exit(2, f"{self.prog}: {message} (--help lists the flags)\n")


def parser() -> argparse.ArgumentParser:
    """The command line; flags win over config.json."""
    found = Parser(
        prog="main.py",
        description="Searches for the best parameters of DIR's objective, under its constraints.",
        epilog="A run that was stopped or killed goes on when it is started again.",
    )
    found.add_argument("dir", metavar="DIR", help="the experiment's folder")
    found.add_argument("--config", metavar="NAME", default="config.json", help="a file in DIR")
    found.add_argument("--seed", type=int, metavar="N", help="of the suggestions")
    found.add_argument(
        "--max-finished-jobs",
        type=_whole,
        metavar="N",
        help="ends with N jobs, earlier ones included",
    )
    found.add_argument(
        "--max-time",
        type=_seconds,
        metavar="S",
        help="starts no job after S seconds; those that run are waited for",
    )
    found.add_argument(
        "--max-concurrent", type=_whole, metavar="N", help="jobs at a time, on each resource"
    )
    found.add_argument("--debug", action="store_true", help="print tracebacks and times")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    args = parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return run(args)
    except UserError as error:
        if args.debug:
            traceback.print_exc()
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read the output has gone; nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141


def run(args: argparse.Namespace) -> int:
    """Wires an experiment's parts together and runs it.

    Raises:
        UserError: A fault of config.json, its files, the flags or the database.
    """
    with Interrupts() as interrupts, ExitStack() as stack:
        # Only now: --help needs none of these.
        from spearmint import choosers, database, schedulers  # noqa: PLC0415
        from spearmint.config import load  # noqa: PLC0415
        from spearmint.control.controller import Controller  # noqa: PLC0415
        from spearmint.control.progress import Progress  # noqa: PLC0415

        config = with_flags(load(args.dir, args.config), args)
        workers = {}
        for resource in config.resources:
            make_writable(Path(config.folder or "", resource.output_subdir))
            workers[resource.name] = schedulers.create(resource, config)
            stack.callback(workers[resource.name].close)
        store = stack.enter_context(database.connect(config.address, config.database))
        for scheduler in workers.values():
            scheduler.start()  # it imports what jobs need while the first point is sought
        chooser = choosers.create(config.mapping, config.seed)
        progress = Progress(config.mapping, debug=args.debug)
        for line in config.warnings:
            print(f"warning: {line}", file=sys.stderr, flush=True)
        progress.say(
            f"experiment {config.experiment} in {without_password(config.address)}, "
            f"seed {config.seed}"
        )
        controller = Controller(config, store, chooser, workers, progress, interrupts)
        try:
            return obeyed(controller, interrupts)
        except (UserError, BrokenPipeError):
            with suppress(UserError, BrokenPipeError, Interrupted):
                controller.supervisor.stop()
            raise


def obeyed(controller: Controller, interrupts: Interrupts) -> int:
    """Runs the loop; a signal stops it and its jobs, another one ends it at once."""
    try:
        return controller.run()
    except Interrupted:
        with suppress(Interrupted):
            return controller.interrupted()
    return 128 + int(interrupts.received or 0)


def with_flags(config: Config, args: argparse.Namespace) -> Config:
    """The configuration with what the command line asks for."""
    if args.seed is not None:
        config = replace(config, seed=args.seed)
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
    """Makes the folder of the jobs' output.

    Raises:
        UserError: It cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"output-subdir: {folder}: cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(f"output-subdir: {folder}: cannot be written; expected a folder of yours")


def _whole(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"got {text!r}; expected a whole number, 1 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"got {text!r}; expected seconds, more than 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
