"""The flags of `python -m hwsearch.finish`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hwsearch.command_line import kinds
from hwsearch.command_line.parser import OneLineParser, read_values
from hwsearch.command_line.setting import setting, settings_of

DESCRIPTION = """\
Trains the best network of an experiment's latest run again, with other seeds than the search, and
keeps each trained network. Completed trainings are not repeated."""

EPILOG = """\
exit status: 0 finished, 2 the request is not valid, 130 Ctrl-C"""


@dataclass(slots=True)
class Request:
    """What the flags ask for; `--help` describes them.

    Attributes:
        folder: Of the experiment.
    """

    folder: str
    job: int | None = field(
        default=None,
        metadata=setting(kinds.COUNT, "N", "job whose network is trained", unset="the best one"),
    )
    epochs: int | None = field(
        default=None,
        metadata=setting(kinds.COUNT, "N", "training epochs", unset="as many as in the search"),
    )
    all_data: bool = field(
        default=False,
        metadata=setting(
            kinds.SWITCH,
            "",
            "train on the validation set too; then only the test set shows the error",
        ),
    )
    repeats: int = field(
        default=3, metadata=setting(kinds.COUNT, "N", "number of trainings, each with its own seed")
    )


def parser() -> OneLineParser:
    """All flags."""
    top = OneLineParser(
        prog="python -m hwsearch.finish",
        usage="%(prog)s DIR [...]",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    top.add_argument("folder", metavar="DIR", nargs="?", help="folder of the experiment (required)")
    for entry in settings_of(Request).values():
        entry.add_to(top)
    return top


def read(argv: Sequence[str]) -> Request:
    """What the flags ask for.

    Raises:
        UserError: One line for each fault.
        SystemExit: After --help.
    """
    missing = "DIR: got nothing; expected the folder of an experiment"
    flags, values = read_values(parser(), argv, settings_of(Request), {"folder": missing})
    return Request(flags.folder, **values)
