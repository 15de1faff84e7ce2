from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spearmint.config import CandidateCheck, parse
from spearmint.config.candidate_check import read_candidate_check
from spearmint.config.reader import Faults, ObjectReader
from spearmint.config.tasks import read_tasks

TASKS = {"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT"}}


def read(
    value: Any, folder: Path | None = None, tasks: Any = TASKS
) -> tuple[CandidateCheck | None, Faults]:
    faults = Faults("file")
    top = ObjectReader({"candidate-check": value, "tasks": tasks}, "", faults)
    return read_candidate_check(top, read_tasks(top), folder, must_exist=True), faults


def test_without_the_key_there_is_no_check() -> None:
    assert read(None)[0] is None
    document = {"variables": {"x": {"type": "INT", "min": 0, "max": 1}}, "main-file": "f.py"}
    assert parse(document, environ={}).candidate_check is None


def test_a_text_names_the_function_and_an_object_says_more() -> None:
    found, faults = read("f.py:check")
    assert found == CandidateCheck("f.py", "check")
    assert not faults.faults
    keys = {"version": "c 5", "time-limit": 3, "preload": ["json"]}
    found, faults = read({"function": "a/f.py:check"} | keys)
    assert found == CandidateCheck("a/f.py", "check", "c 5", 3.0, preload=("json",))
    assert not faults.faults + faults.warnings


def test_the_file_may_be_named_without_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("")
    found, _ = read("f:check", tmp_path)
    assert found is not None
    assert found.file == "f.py"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "candidate-check: got 3; expected FILE:FUNCTION"),
        ("check", 'candidate-check.function: got "check"; expected FILE:FUNCTION'),
        ("f.py:", "expected FILE:FUNCTION"),
        ("f.py:1x", "expected FILE:FUNCTION"),
        ("../f.py:check", "of a file in DIR"),
        ("/f.py:check", "of a file in DIR"),
        ({"function": "g.py:check"}, 'got "g.py:check"; expected a file in '),
        ({"function": "f.py:check", "time-limit": 0}, "time-limit: got 0"),
        ({"function": "f.py:check", "preload": [5]}, "preload: got [5]; expected a list of names"),
        ({"function": "f.py:check", "version": 5}, "version: got 5; expected a text"),
        ({}, "candidate-check.function: got nothing"),
    ],
)
def test_a_wrong_check_is_one_line(tmp_path: Path, value: Any, words: str) -> None:
    (tmp_path / "f.py").write_text("")
    _, faults = read(value, tmp_path)
    (line,) = faults.faults
    assert words in line


def test_a_check_without_a_constraint_is_a_mistake() -> None:
    _, faults = read("f.py:check", tasks={"f": {"type": "OBJECTIVE"}})
    assert faults.faults == [
        'file: candidate-check: got "f.py:check"; expected no check, since there is no constraint'
    ]
