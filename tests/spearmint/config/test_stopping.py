from __future__ import annotations

from typing import Any

import pytest

from spearmint.config import ConfigError, Stopping, parse
from spearmint.config.reader import Faults, ObjectReader
from spearmint.config.stopping import read_stopping
from spearmint.config.tasks import read_tasks

ONE = {"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT"}}
TWO = {"f": {"type": "OBJECTIVE"}, "g": {"type": "OBJECTIVE"}}


def read(value: Any, tasks: Any = ONE) -> tuple[Stopping | None, Faults]:
    faults = Faults("file")
    keys = {"stopping": value, "tasks": tasks, "main-file": "f.py"}
    top = ObjectReader(keys, "", faults)
    return read_stopping(top, read_tasks(top)), faults


def test_without_the_key_no_training_is_paused() -> None:
    assert read(None)[0] is None
    document = {"variables": {"x": {"type": "INT", "min": 0, "max": 1}}, "main-file": "f.py"}
    assert parse(document, environ={}).problem.stopping is None
    with_key = {**document, "stopping": {"rule": "extrapolate"}}
    assert parse(with_key, environ={}).problem.stopping == Stopping("extrapolate", 8)


def test_keys() -> None:
    found, faults = read({"rule": "chance", "segments": 4, "chance": 90})
    assert found == Stopping("chance", 4, 90.0)
    assert read({})[0] == Stopping("freeze-thaw", 8)
    assert not faults.faults + faults.warnings


def test_chance_of_another_rule_is_ignored() -> None:
    _, faults = read({"rule": "extrapolate", "chance": 90})
    (line,) = faults.warnings
    assert line == "file: stopping.chance: ignored: the rule is extrapolate, not chance"
    assert not faults.faults


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"rule": "thaw"}, ["stopping.rule", '"thaw"', "freeze-thaw, extrapolate, chance"]),
        ({"segments": 1}, ["stopping.segments", "1", "from 2 to 16"]),
        ({"rule": "chance"}, ["stopping.chance", "nothing", "the objective of a guess"]),
        ({"chance": "ten"}, ["stopping.chance", '"ten"', "the objective of a guess"]),
        (8, ["stopping", "8", "an object"]),
    ],
)
def test_faults_name_key_value_and_what_is_right(value: Any, words: list[str]) -> None:
    _, faults = read(value)
    [line] = faults.faults
    assert all(word in line for word in ["file: ", *words]), line


def test_one_objective_in_one_file() -> None:
    found, faults = read({}, tasks=TWO)
    assert found is None
    assert "expected a single objective" in faults.faults[0]
    tasks = {"f": {**ONE["f"], "main-file": "a.py"}, "c": {**ONE["c"], "main-file": "b.py"}}
    document = {"variables": {"x": {"type": "INT", "min": 0, "max": 1}}, "tasks": tasks}
    assert parse(document, environ={}).main_file == {"f": "a.py", "c": "b.py"}
    with pytest.raises(ConfigError, match=r"stopping: got \{\}; expected one `main-file` for all"):
        parse({**document, "stopping": {}}, environ={})
    tasks["c"]["main-file"] = "a.py"
    assert parse({**document, "stopping": {}}, environ={}).problem.stopping == Stopping(
        "freeze-thaw"
    )
