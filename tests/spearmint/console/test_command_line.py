from __future__ import annotations

import sys
from typing import Any

import pytest

from spearmint.console.command_line import OneLineParser, count, counted, experiment_parser, seconds
from spearmint.console.command_line import whole_number as whole


def parser() -> OneLineParser:
    found = experiment_parser("tool", "Do it.")
    found.add_argument("--max-time", type=seconds)
    found.add_argument("--seed", type=whole)
    found.add_argument("--name")
    return found


def error(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(words)
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(
    "words",
    [
        ["--max-time", "3", "a_b"],
        ["--max_time", "3", "a_b"],
        ["a_b", "--max_time=3"],
        ["--max-time=3", "--", "a_b"],
    ],
)
def test_flags_are_spelled_with_dashes_or_underscores(words: list[str]) -> None:
    args = parser().parse_args(words)
    assert (args.max_time, args.dir, args.config) == (3.0, "a_b", "config.json")


def test_values_and_what_follows_two_dashes_stay_as_they_are() -> None:
    args = parser().parse_args(["--name=a_b", "--config", "c_d", "--", "--e_f"])
    assert (args.name, args.config, args.dir) == ("a_b", "c_d", "--e_f")


def test_words_of_the_process_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["tool", "--max_time", "3", "d"])
    assert parser().parse_args().max_time == 3.0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "tool: the following arguments are required: DIR (see tool --help)"),
        (["d", "--no\nsense"], "tool: --no sense: no such flag (see tool --help)"),
        (["d", "x", "y"], "tool: unrecognized arguments: x y (see tool --help)"),
        (
            ["--nme=a", "d"],
            "tool: --nme: no such flag; did you mean --name? (see tool --help)",
        ),
        ([""], "argument DIR: got ''; expected a folder, such as . for the current one"),
        ([" "], "argument DIR: got ' '; expected a folder"),
        (["--max_time", "x", "d"], "argument --max-time: got 'x'; expected seconds, more than 0"),
    ],
)
def test_an_error_is_one_line(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert expected in error(words, capsys)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (count, "12", 12),
        (count, "0", None),
        (count, "-1", None),
        (count, "1.0", None),
        (count, "٣", None),
        (count, "9" * 16, None),
        (whole, "-12", -12),
        (whole, "0", 0),
        (whole, "--1", None),
        (whole, "", None),
        (seconds, "1.5", 1.5),
        (seconds, "1e3", 1000.0),
        (seconds, "0", None),
        (seconds, "nan", None),
        (seconds, "inf", None),
    ],
)
def test_numbers(
    kind: Any, text: str, value: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    found = OneLineParser(prog="tool")
    found.add_argument("value", type=kind)
    if value is not None:
        assert found.parse_args(["--", text]).value == value
        return
    with pytest.raises(SystemExit):
        found.parse_args(["--", text])
    assert f"got {text!r}; expected " in capsys.readouterr().err


def test_one_and_several() -> None:
    assert [counted(n, "job") for n in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]
