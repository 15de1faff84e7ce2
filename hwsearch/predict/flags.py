"""The flags of `python -m hwsearch.predict`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hwsearch.command_line import kinds
from hwsearch.command_line.parser import OneLineParser, read_values
from hwsearch.command_line.setting import setting, settings_of

DESCRIPTION = """\
Predicts what a network costs on this machine, with a 90 % interval and what the cost consists of.
The network is built and counted, but not run. The models are fitted to the profiles that
`gener_experiment.py --profile N` and the jobs of an experiment have made on this machine."""

EPILOG = """\
exit status: 0 finished, 2 the request is not valid or there are too few profiles, 130 Ctrl-C"""


@dataclass(slots=True)
class Request:
    """What the flags ask for; `--help` describes them.

    Attributes:
        script: Of the network, or the folder of an experiment.
    """

    script: str
    experiment: str | None = field(
        default=None,
        metadata=setting(
            kinds.Kind("the folder of an experiment", bool),
            "DIR",
            "folder of the experiment whose profiles are used",
            unset="the one that SCRIPT is in",
        ),
    )
    job: int | None = field(
        default=None,
        metadata=setting(
            kinds.COUNT, "N", "job to predict, if SCRIPT is a folder", unset="the best one"
        ),
    )
    batch_size: int | None = field(
        default=None,
        metadata=setting(
            kinds.COUNT, "N", "images per batch", unset="that of the profiles, or the script's"
        ),
    )
    learn_costs_from: str | None = field(
        default=None,
        metadata=setting(
            kinds.Kind("the folder of an experiment", bool),
            "DIR",
            "another experiment on the same device, whose networks inform the predictions",
            unset="those copied into the experiment",
        ),
    )


def parser() -> OneLineParser:
    """All flags."""
    top = OneLineParser(
        prog="python -m hwsearch.predict",
        usage="%(prog)s SCRIPT [...]",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    top.add_argument(
        "script",
        metavar="SCRIPT",
        nargs="?",
        help="a Keras script, such as tmp/00000014_keras_net.py of an experiment; or the "
        "experiment's folder (required)",
    )
    for entry in settings_of(Request).values():
        entry.add_to(top)
    return top


def read(argv: Sequence[str]) -> Request:
    """What the flags ask for.

    Raises:
        UserError: One line for each fault.
        SystemExit: After --help.
    """
    missing = "SCRIPT: got nothing; expected a Keras script, or an experiment's folder"
    flags, values = read_values(parser(), argv, settings_of(Request), {"script": missing})
    return Request(flags.script, **values)
