"""What the commands of this package share: arguments, errors of one line, numbers with nouns."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

LONGEST_TIME_S = 1e9


class OneLineParser(argparse.ArgumentParser):
    """A parser that reports an error in one line; `-` and `_` are interchangeable in flags."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parses the words as `argparse` does, after `--max_time` has become `--max-time`."""
        return super().parse_known_args(_dashed(sys.argv[1:] if args is None else args), namespace)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parses all words; for a flag that there is not, the line says which one is meant."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self.error(self._unknown(unknown))
        return found

    def _unknown(self, words: Sequence[str]) -> str:
        flags = [word.partition("=")[0] for word in words if word.startswith("-")]
        if not flags:
            return f"unrecognized arguments: {' '.join(words)}"
        flag = flags[0]
        close = difflib.get_close_matches(flag, self._option_string_actions, 1, 0.7)
        return f"{flag}: no such flag" + (f"; did you mean {close[0]}?" if close else "")

    def error(self, message: str) -> NoReturn:
        """Prints the line and exits with status 2."""
        line = " ".join(message.split())
        self.exit(2, f"{self.prog}: {line} (see {self.prog} --help)\n")


def experiment_parser(prog: str, description: str, **options: Any) -> OneLineParser:
    """A parser of a command about one experiment, with the arguments `dir` and `--config`.

    Args:
        prog: The command, as its user types it.
        description: The first sentence of its help.
        options: Other arguments of `argparse.ArgumentParser`.
    """
    parser = OneLineParser(prog=prog, description=description, **options)
    parser.add_argument("dir", metavar="DIR", type=_folder, help="folder of the experiment")
    parser.add_argument(
        "--config",
        metavar="NAME",
        default="config.json",
        help="configuration file in DIR (default: config.json)",
    )
    return parser


def count(text: str) -> int:
    """A whole number above 0, as an argument's `type`."""
    if not (text.isascii() and text.isdigit() and len(text) < 16) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"got {text!r}; expected a whole number, 1 or more")
    return int(text)


def whole_number(text: str) -> int:
    """A whole number, as an argument's `type`."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise argparse.ArgumentTypeError(f"got {text!r}; expected a whole number")
    return int(text)


def seconds(text: str) -> float:
    """A time above 0, as an argument's `type`."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < LONGEST_TIME_S:
        raise argparse.ArgumentTypeError(f"got {text!r}; expected seconds, more than 0")
    return value


def counted(number: int, noun: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def not_installed(error: ModuleNotFoundError) -> str:
    """The line about a library that this Python lacks."""
    return (
        f"{error.name}: not installed in {sys.executable}; "
        "requirements/install.sh installs it in .venv: use .venv/bin/python"
    )


def _folder(text: str) -> str:
    # "" would mean the current folder: a script with an empty variable asks for something else.
    if not text.strip():
        raise argparse.ArgumentTypeError(
            f"got {text!r}; expected a folder, such as . for the current one"
        )
    return text


def _dashed(words: Sequence[str]) -> list[str]:
    """The words with `_` of flags as `-`; values, and what follows `--`, stay as they are."""
    end = words.index("--") if "--" in words else len(words)
    found = []
    for word in words[:end]:
        flag, equals, value = word.partition("=")
        found.append(flag.replace("_", "-") + equals + value if flag.startswith("--") else word)
    return [*found, *words[end:]]
