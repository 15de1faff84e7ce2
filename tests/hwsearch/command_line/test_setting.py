"""A setting that is written down once serves a flag, its help and a check."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field

import pytest

from hwsearch.command_line.kinds import COUNT, SECONDS, SWITCH, WORD
from hwsearch.command_line.setting import setting, settings_of, shared, wrong


@dataclass(frozen=True, slots=True)
class Careful:
    repeats: int = field(default=8, metadata=setting(COUNT, "N", "load periods"))


@dataclass(slots=True)
class Example:
    name: str = field(metadata=setting(WORD, "NAME", "what to do"))
    limit: float | None = field(
        default=None, metadata=setting(SECONDS, "T", "for 100% of it", unset="unlimited")
    )
    loud: bool = field(default=False, metadata=setting(SWITCH, "", "print more"))
    kept: dict = field(default_factory=dict)
    careful_repeats: int = shared(Careful, "repeats")


SETTINGS = settings_of(Example)


def test_fields_without_metadata_are_not_settings() -> None:
    assert list(SETTINGS) == ["name", "limit", "loud", "careful_repeats"]


def test_a_shared_setting_keeps_default_and_help() -> None:
    assert Example("x").careful_repeats == 8
    assert SETTINGS["careful_repeats"].flag == "--careful_repeats"
    assert SETTINGS["careful_repeats"].help_line == "load periods (default: 8)"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("name", "what to do (required)"),
        ("limit", "for 100% of it (default: unlimited)"),
        ("loud", "print more"),
    ],
)
def test_help_shows_the_default(name: str, line: str) -> None:
    assert SETTINGS[name].help_line == line


def test_flags_that_are_not_given_are_none() -> None:
    parser = argparse.ArgumentParser()
    for entry in SETTINGS.values():
        entry.add_to(parser)
    assert set(vars(parser.parse_args([])).values()) == {None}
    assert parser.parse_args(["--loud", "--limit", "5"]).loud == "true"
    assert "for 100% of it" in parser.format_help()


def test_a_switch_may_be_taken_back() -> None:
    parser = argparse.ArgumentParser()
    SETTINGS["loud"].add_to(parser, revocable=True)
    assert parser.parse_args([]).loud is None
    assert parser.parse_args(["--loud"]).loud == "true"
    assert parser.parse_args(["--no_loud"]).loud == "false"
    assert parser.parse_args(["--no_loud", "--loud"]).loud == "true"
    assert "--loud, --no_loud" in parser.format_help()


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, []),
        ({"name": "a", "limit": None, "careful_repeats": 1}, []),
        (
            {"name": None, "limit": "5", "careful_repeats": None},
            ["name", "limit", "careful_repeats"],
        ),
    ],
)
def test_values_that_are_wrong(values: dict, names: list[str]) -> None:
    assert [entry.name for entry in wrong(SETTINGS, values)] == names


def test_what_is_expected() -> None:
    assert SETTINGS["limit"].expected == "seconds above 0, or null"
    assert SETTINGS["name"].missing == "--name: got nothing; expected a name"
