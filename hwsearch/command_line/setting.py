"""A setting is written down once, beside the field that keeps it.

    epochs: int = field(default=50, metadata=setting(COUNT, "N", "training epochs per network"))

The flag, its check and its line in `--help` are made from that, and so is the check of the JSON
file that keeps the settings of a run.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from typing import Any

from hwsearch.command_line.kinds import Kind

#: What a flag without a value stands for.
_ON = {"action": "store_const", "const": "true"}
#: How a flag begins that takes a switch back.
_OFF = "--no_"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: The field's name; the flag is this with `--` before it.
        kind: What values it takes.
        metavar: What `--help` calls its value; "" = the flag takes none.
        help: What `--help` says about it, without the default and "(required)".
        unset: What no value means, as `--help` shows it.
        default: The value if none is given; None = no value, MISSING = a value is required.
    """

    name: str
    kind: Kind
    metavar: str = ""
    help: str = ""
    unset: str = ""
    default: Any = None

    @property
    def flag(self) -> str:
        """The setting as it is written on a command line."""
        return f"--{self.name}"

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is MISSING

    @property
    def expected(self) -> str:
        """What a value must be, for messages about JSON."""
        return self.kind.expected + (", or null" if self.default is None else "")

    @property
    def missing(self) -> str:
        """The message about a flag that is required and was not given."""
        return f"{self.flag}: got nothing; expected {self.kind.expected}"

    @property
    def help_line(self) -> str:
        """The help, with the default if there is one, or with the note that it is required."""
        if self.required:
            return f"{self.help} (required)"
        shown = self.unset if self.default is None else f"{self.default}"
        return f"{self.help} (default: {shown})" if shown and self.metavar else self.help

    def add_to(
        self, parser: argparse._ActionsContainer, *, revocable: bool = False, **how: Any
    ) -> None:
        """Adds the flag to a parser or a group of it. Its value stays text; None = not given.

        Args:
            parser: Where to.
            revocable: Whether a switch that was given at an earlier start can be taken back, by
                `--no_` before its name.
            how: Arguments of argparse's `add_argument` besides, such as `nargs`.
        """
        form: dict[str, Any] = {"metavar": self.metavar} if self.metavar else _ON
        flags = [self.flag]
        if revocable:
            flags.append(f"{_OFF}{self.name}")
            form = {"action": _OnOff, "nargs": 0}
        parser.add_argument(*flags, help=self.help_line.replace("%", "%%"), **(form | how))


class _OnOff(argparse.Action):
    """A switch that has a second flag for "off"."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        _values: Any,
        option_string: str | None = None,
    ) -> None:
        """Keeps which of the two was given."""
        is_off = (option_string or "").startswith(_OFF)
        setattr(namespace, self.dest, "false" if is_off else "true")


def setting(kind: Kind, metavar: str = "", text: str = "", unset: str = "") -> dict[str, Any]:
    """Metadata for a dataclass field that is a setting; see `Setting` for the arguments."""
    return {"kind": kind, "metavar": metavar, "help": text, "unset": unset}


def settings_of(record: Any) -> dict[str, Setting]:
    """The settings of a dataclass by name, in the order of its fields."""
    return {
        entry.name: Setting(entry.name, default=_default(entry), **entry.metadata)
        for entry in dataclasses.fields(record)
        if "kind" in entry.metadata
    }


def _default(entry: dataclasses.Field[Any]) -> Any:
    return entry.default if entry.default_factory is MISSING else entry.default_factory()


def shared(record: Any, name: str) -> Any:
    """A field with the default and the setting that a field of another dataclass has."""
    entry = next(entry for entry in dataclasses.fields(record) if entry.name == name)
    return dataclasses.field(default=entry.default, metadata=entry.metadata)


def wrong(settings: Mapping[str, Setting], values: Mapping[str, Any]) -> Iterator[Setting]:
    """The settings whose value is not of its kind; missing values are not looked at."""
    for name, entry in settings.items():
        if name in values:
            value = values[name]
            unset = value is None and entry.default is None
            if not unset and not entry.kind.accepts(value):
                yield entry
