"""Tasks of a config.json, and the files that compute them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spearmint.config import Task
from spearmint.config.reader import Faults, ObjectReader
from spearmint.config.tasks import read_main_file, read_tasks


def read(document: dict[str, Any]) -> tuple[tuple[Task, ...], Faults]:
    faults = Faults("file")
    return read_tasks(ObjectReader(document, "", faults)), faults


def test_the_objective_is_first_and_defaults_are_filled_in() -> None:
    tasks = {
        "power": {"type": "CONSTRAINT"},
        "error": {"type": "objective"},
        "ok": {"type": "CONSTRAINT", "likelihood": "step", "min-confidence": 0.9},
    }
    found, faults = read({"tasks": tasks})
    assert found == (
        Task("error", objective=True),
        Task("power", objective=False, likelihood="GAUSSIAN", min_confidence=0.99),
        Task("ok", objective=False, likelihood="STEP", min_confidence=0.9),
    )
    assert not faults.faults


@pytest.mark.parametrize("tasks", [{}, {"tasks": None}, {"tasks": {}}])
def test_without_tasks_there_is_one(tasks: dict[str, Any]) -> None:
    assert read(tasks)[0] == (Task("main", objective=True),)
    found, _ = read({**tasks, "likelihood": "noiseless"})
    assert found == (Task("main", objective=True, likelihood="NOISELESS"),)


def test_the_likelihood_of_the_file_is_that_of_tasks_without_one() -> None:
    tasks = {"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT", "likelihood": "GAUSSIAN"}}
    found, _ = read({"tasks": tasks, "likelihood": "NOISELESS"})
    assert [task.likelihood for task in found] == ["NOISELESS", "GAUSSIAN"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            {"tasks": {"a": {"type": "OBJECTIVE", "negated": 1}}},
            ["a.negated: got 1", "true or false"],
        ),
        ({"likelihood": "POISSON"}, ['likelihood: got "POISSON"', "GAUSSIAN, NOISELESS, BINOM"]),
        ({"likelihood": "STEP"}, ['got "STEP"', "GAUSSIAN, NOISELESS for an objective"]),
        ({"tasks": ["a"]}, ['tasks: got ["a"]', "one task per key"]),
        ({"tasks": {"a": 1}}, ["tasks.a: got 1", "an object"]),
        ({"tasks": {"a": {"type": "GOAL"}, "b": {"type": "OBJECTIVE"}}}, ['a.type: got "GOAL"']),
        ({"tasks": {"a": {}, "b": {"type": "OBJECTIVE"}}}, ["a.type: got nothing"]),
        ({"tasks": {"a": {"type": "CONSTRAINT"}}}, ["tasks: got none", "one to three tasks"]),
        (
            {"tasks": {name: {"type": "OBJECTIVE"} for name in "abcd"}},
            ['tasks: got "a", "b", "c", "d"', "one to three tasks"],
        ),
        (
            {"tasks": {"a": {"type": "OBJECTIVE", "min-confidence": 1.5}}},
            ["a.min-confidence: got 1.5", "a number between 0 and 1"],
        ),
        (
            {"tasks": {"a": {"type": "OBJECTIVE"}, "reason": {"type": "CONSTRAINT"}}},
            ['tasks.reason: got "reason"', "not reserved"],
        ),
    ],
)
def test_a_wrong_task_is_one_line(document: dict[str, Any], words: list[str]) -> None:
    _, faults = read(document)
    (line,) = faults.faults
    for word in words:
        assert word in line


def main_file(
    document: dict[str, Any], folder: Path | None = None, *, must_exist: bool = True
) -> tuple[Any, list[str]]:
    faults = Faults("file")
    top = ObjectReader(document, "", faults)
    found = read_main_file(top, read_tasks(top), folder, must_exist=must_exist)
    return found, faults.faults


TWO = {"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT", "main-file": "c.py"}}


def test_tasks_may_have_a_file_each() -> None:
    assert main_file({"main-file": "f.py", "tasks": TWO}) == ({"f": "f.py", "c": "c.py"}, [])
    assert main_file({"main-file": "c.py", "tasks": TWO}) == ("c.py", [])


def test_a_missing_file_is_reported_once(tmp_path: Path) -> None:
    tasks = {"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT"}}
    _, (line,) = main_file({"tasks": tasks})
    assert "main-file: got nothing; expected the file that defines main(job_id, params)" in line
    _, (line,) = main_file({"main-file": "f.py", "tasks": tasks}, tmp_path)
    assert line == f'file: main-file: got "f.py"; expected a file in {tmp_path}'
    assert main_file({"main-file": "f.py"}, tmp_path, must_exist=False) == ("f.py", [])


@pytest.mark.parametrize("must_exist", [True, False])
def test_a_main_file_may_be_named_without_its_suffix(tmp_path: Path, must_exist: bool) -> None:
    (tmp_path / "f.py").write_text("")
    (tmp_path / "f").mkdir()
    for name in ("f", "f.py"):
        found = main_file({"main-file": name}, tmp_path, must_exist=must_exist)
        assert found == ("f.py", [])


@pytest.mark.parametrize("language", ["MATLAB", 3])
def test_only_python_is_run(language: Any) -> None:
    _, (line,) = main_file({"main-file": "f.py", "language": language})
    assert 'expected "PYTHON"' in line
    assert main_file({"main-file": "f.py", "language": "python"})[1] == []


@pytest.mark.parametrize("name", ["../f.py", "/f.py", "a/../../f.py", "..", "a/../f.py"])
def test_a_file_outside_the_folder(name: str, tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        _, (line,) = main_file({"main-file": name}, folder)
        assert line == f'file: main-file: got "{name}"; expected a file inside DIR'
