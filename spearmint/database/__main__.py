"""`python -m spearmint.database copy FROM TO`: copies experiments between databases."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from spearmint.console.command_line import OneLineParser
from spearmint.console.printing import printable_lines
from spearmint.database import connect
from spearmint.database.copying import copy_all
from spearmint.errors import UserError

_VARIABLE = "env:"


def parser() -> OneLineParser:
    """The command line."""
    found = OneLineParser(
        prog="python -m spearmint.database",
        description="Work with the databases of experiments.",
    )
    commands = found.add_subparsers(metavar="COMMAND", required=True)
    copy = commands.add_parser(
        "copy",
        description="Copy experiments with all their jobs. Existing jobs are not written again, so "
        "an interrupted copy continues when it is started again.",
        help="copy experiments from one database to another",
        epilog="FROM and TO are addresses as in config.json: sqlite:PATH, HOST:PORT or "
        "mongodb://...; env:NAME takes the address from an environment variable, which keeps a "
        "password out of the list of processes.",
    )
    copy.add_argument("source", metavar="FROM", help="the database that has the experiments")
    copy.add_argument("target", metavar="TO", help="the database that they are copied to")
    copy.add_argument("--experiment", metavar="NAME", help="copy only this one (default: all)")
    copy.add_argument(
        "--overwrite", action="store_true", help="replace jobs of TO that have other data"
    )
    for flag, place in (("--from-name", "FROM"), ("--to-name", "TO")):
        copy.add_argument(
            flag,
            metavar="NAME",
            default="spearmint",
            help=f"name of the database on the server {place} (default: spearmint)",
        )
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    args = parser().parse_args(argv)
    try:
        with (
            connect(_address(args.source), args.from_name, create=False, only_read=True) as source,
            connect(_address(args.target), args.to_name) as target,
        ):
            names = [args.experiment] if args.experiment is not None else source.experiments()
            if not names:
                raise UserError("FROM: has no experiments")
            complete = copy_all(source, target, names, overwrite=args.overwrite, say=_say)
    except UserError as error:
        print(printable_lines(str(error)), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0 if complete else 2


def _address(text: str) -> str:
    if not text.startswith(_VARIABLE):
        return text
    name = text.removeprefix(_VARIABLE)
    if not os.environ.get(name):
        raise UserError(f"{text}: the environment variable {name} is not set")
    return os.environ[name]


def _say(line: str) -> None:
    print(printable_lines(line), flush=True)


if __name__ == "__main__":
    sys.exit(main())
