"""A parser of flags that reports each fault in one line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from hwsearch.command_line.setting import Setting
from hwsearch.errors import UserError, did_you_mean

#: How argparse says that a switch has got a value, as in `--plain=1`.
_GIVEN = re.compile(r"ignored explicit argument (.*)", re.DOTALL)


class OneLineParser(argparse.ArgumentParser):
    """Reads flags as text. `-` and `_` between the words of a flag are the same.

    Args:
        verbatim: Flags that take the next word as their value even if it looks like a flag.
        arguments: As for `argparse.ArgumentParser`.
    """

    def __init__(self, verbatim: Iterable[str] = (), **arguments: Any) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **arguments
        )
        # argparse takes `-5` for a value; so are `-5%` and `-5m`, whose faults can then be stated.
        self._negative_number_matcher = re.compile(r"-\.?\d")
        self._verbatim = frozenset(verbatim)

    def error(self, message: str) -> NoReturn:
        """Raises a UserError, without the usage."""
        text = message.removeprefix("argument ")
        # argparse says "ignored", although it ends the program.
        raise UserError(_GIVEN.sub(r"got \1; expected no value", text))

    def read(self, argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
        """The texts of the flags, and one line for each word that is not a flag or its value.

        Raises:
            UserError: A flag has no value, or a value that it does not take.
            SystemExit: After `--help`.
        """
        known = {flag.replace("-", "_"): flag for flag in self._option_string_actions}
        words = _joined([_spelled(word, known) for word in argv], self._verbatim)
        flags, rest = self.parse_known_args(words)
        return flags, list(_unknown(rest, known.values()))


def values_of(
    flags: argparse.Namespace, settings: Mapping[str, Setting]
) -> tuple[dict[str, Any], list[str]]:
    """Values of the flags that were given, and one line for each text that is not a value.

    A flag that takes several values (`nargs`) has a list of them.
    """
    values: dict[str, Any] = {}
    faults = []
    for name, entry in settings.items():
        given = getattr(flags, name)
        texts = given if isinstance(given, list) else [] if given is None else [given]
        read = []
        for text in texts:
            try:
                read.append(entry.kind.from_text(text))
            except ValueError as error:
                faults.append(f"{entry.flag}: got {text!r}; expected {error}")
        if read:
            values[name] = read if isinstance(given, list) else read[0]
    return values, faults


def read_values(
    parser: OneLineParser,
    argv: Sequence[str],
    settings: Mapping[str, Setting],
    needed: Mapping[str, str] | None = None,
) -> tuple[argparse.Namespace, dict[str, Any]]:
    """The texts of all flags, and the values of those that were given, if there is no fault.

    Args:
        parser: With these settings and perhaps further arguments.
        argv: The words of the command line.
        settings: By name.
        needed: The message for each further argument that must not be missing or empty, by name.

    Raises:
        UserError: One line for each fault.
        SystemExit: After `--help`.
    """
    flags, faults = parser.read(argv)
    values, wrong = values_of(flags, settings)
    faults += wrong
    faults += [
        entry.missing
        for name, entry in settings.items()
        if entry.required and getattr(flags, name) is None
    ]
    faults += [text for name, text in (needed or {}).items() if not getattr(flags, name)]
    if faults:
        raise UserError("\n".join(faults))
    return flags, values


def _spelled(word: str, known: Mapping[str, str]) -> str:
    """`--max-time=5` as `--max_time=5` if that is the flag; other words unchanged."""
    if not word.startswith("--"):
        return word
    flag, equals, value = word.partition("=")
    return known.get(flag.replace("-", "_"), flag) + equals + value


def _joined(words: Sequence[str], verbatim: Collection[str]) -> list[str]:
    """The words, with FLAG=VALUE in place of each of certain flags and the word after it."""
    found: list[str] = []
    for word in words:
        if found and found[-1] in verbatim:
            found[-1] += f"={word}"
        else:
            found.append(word)
    return found


def _unknown(words: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    previous = ""
    for word in words:
        flag = word.partition("=")[0]
        if flag.startswith("-"):
            yield f"{flag}: no such flag; --help shows all{did_you_mean(flag, known)}"
        elif not previous.startswith("-"):  # else it is probably the value of an unknown flag
            yield f"got {word!r} without a flag; --help shows all"
        previous = word
