"""Flags as text: one line per fault, and no usage."""

from __future__ import annotations

import pytest

from hwsearch.command_line.kinds import COUNT, PERCENTAGE
from hwsearch.command_line.parser import OneLineParser, values_of
from hwsearch.command_line.setting import Setting
from hwsearch.errors import UserError

SETTINGS = {
    entry.name: entry
    for entry in (
        Setting("max_time", COUNT, "N", "seconds"),
        Setting("share", PERCENTAGE, "P", "percentages"),
    )
}


def parser() -> OneLineParser:
    made = OneLineParser(prog="a program")
    made.add_argument("--batch-size")
    SETTINGS["max_time"].add_to(made)
    SETTINGS["share"].add_to(made, nargs="+")
    return made


@pytest.mark.parametrize("word", ["--max_time", "--max-time"])
def test_dashes_and_underscores_are_the_same(word: str) -> None:
    assert parser().read([word, "5"])[0].max_time == "5"
    assert parser().read([f"{word}=a-b_c"])[0].max_time == "a-b_c"


@pytest.mark.parametrize("word", ["--batch_size", "--batch-size"])
def test_also_for_a_flag_that_is_declared_with_dashes(word: str) -> None:
    assert parser().read([word, "5"])[0].batch_size == "5"


def test_a_value_that_looks_like_a_flag() -> None:
    made = OneLineParser(verbatim=["--args"], prog="a program")
    made.add_argument("--args")
    made.add_argument("--debug", action="store_true")
    flags, faults = made.read(["--args", "--debug", "--debug"])
    assert (flags.args, flags.debug, faults) == ("--debug", True, [])
    assert made.read(["--args=-x"])[0].args == "-x"
    with pytest.raises(UserError, match="--args: expected one argument"):
        made.read(["--args"])


def test_words_that_are_not_flags() -> None:
    assert parser().read(["extra", "--max-tim", "5", "--max_=5"])[1] == [
        "got 'extra' without a flag; --help shows all",
        "--max-tim: no such flag; --help shows all; did you mean '--max_time'?",
        "--max_: no such flag; --help shows all; did you mean '--max_time'?",
    ]


def test_a_flag_without_its_value() -> None:
    with pytest.raises(UserError, match=r"^--max_time: expected one argument$"):
        parser().read(["--max_time"])


def test_a_switch_with_a_value() -> None:
    made = OneLineParser(prog="a program")
    made.add_argument("--debug", action="store_true")
    with pytest.raises(UserError, match=r"^--debug: got '5'; expected no value$"):
        made.read(["--debug=5"])


@pytest.mark.parametrize("text", ["-5", "-5%", "-.5", "-2h", "-1e3"])
def test_a_negative_number_is_a_value_whatever_its_unit(text: str) -> None:
    assert parser().read(["--max_time", text])[0].max_time == text


def test_values_and_faults() -> None:
    flags, _ = parser().read(["--max_time", "5", "--share", "30", "50"])
    assert values_of(flags, SETTINGS) == ({"max_time": 5, "share": [30.0, 50.0]}, [])
    flags, _ = parser().read(["--max_time", "0", "--share", "30", "x"])
    assert values_of(flags, SETTINGS)[1] == [
        "--max_time: got '0'; expected a whole number above 0",
        "--share: got 'x'; expected a percentage between 0 and 100",
    ]
    assert values_of(parser().read([])[0], SETTINGS) == ({}, [])
