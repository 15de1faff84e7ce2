from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spearmint import lifecycle
from spearmint.config import Resource, Task, Variable
from spearmint.control.progress import Progress
from spearmint.database import DatabaseError
from spearmint.database.checks import sound
from spearmint.errors import UserError
from spearmint.optimiser.observations import observe
from spearmint.optimiser.space import Space

JOB: dict[str, Any] = {
    "id": 2,
    "status": "complete",
    "attempt": 1,
    "lost": 0,
    "lease": None,
    "worker": "host:12:3",
    "controller": "host:11:2",
    "proc_id": 12,
    "resource": "Main",
    "tasks": ["main"],
    "params": {"x": {"type": "float", "values": [0.5]}},
    "values": {"main": 1.5},
    "submit time": 1.0,
    "start time": 2.0,
    "end time": 3.0,
    "reason": None,
}
#: What a field may hold instead, beside values of its own type.
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["new", "2", "HOST:²:1", "\x1b[31m\n", "float"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["main", "x", "type", "values", "$n", "a.b"]), inner, max_size=2
        )
    ),
    max_leaves=6,
)
TASKS = (Task("main", objective=True),)
SPACE = Space([Variable("x", "FLOAT", low=0.0, high=1.0)])


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("id", "2", 'id: got "2"; expected a whole number from 1'),
        ("id", 0, "id: got 0;"),
        ("id", True, "id: got true;"),
        ("id", float("nan"), "id: got NaN;"),
        (
            "status",
            None,
            "status: got null; expected one of new, pending, paused, complete, broken",
        ),
        ("status", ["new"], 'status: got ["new"]'),
        ("attempt", "x", 'attempt: got "x"'),
        ("lost", 1.5, "lost: got 1.5"),
        ("lease", "soon", 'lease: got "soon"; expected seconds'),
        ("end time", [], "end time: got []"),
        ("worker", 5, "worker: got 5"),
        ("controller", {}, "controller: got {}"),
        ("proc_id", [1], "proc_id: got [1]"),
        ("resource", 1, "resource: got 1"),
        ("tasks", 5, "tasks: got 5; expected a list of names"),
        ("tasks", [5], "tasks: got [5]"),
        ("values", "good", 'values: got "good"; expected an object {task: number}'),
        ("values", {"main": "1"}, 'values: got {"main": "1"}'),
        ("values", {"main": 10**400}, "values: got "),
        ("params", None, "params: got null"),
        ("params", "x", 'params: got "x"'),
        ("params", {"x": {"values": [1]}}, "params: got "),
        ("params", {"x": {"type": "float", "values": 1}}, "params: got "),
        ("params", {"x": {"type": "float", "values": [None]}}, "params: got "),
        ("params", {"x": {"type": "text", "values": ["a"]}}, "params: got "),
        ("status", "\x1b[31m\nforged", r'status: got "\u001b[31m\nforged"'),
    ],
)
def test_fault_names_experiment_job_and_field(field: str, value: Any, words: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        sound("my-e", copy.deepcopy(JOB) | {field: value})
    text = str(caught.value)
    assert text.startswith("experiment my-e: job ")
    assert words in text
    assert text.isprintable()
    assert len(text) < 500


def test_options_are_any_json_values() -> None:
    values = [None, [64, [32]], True, {"name": "keras.layers.ReLU"}]
    params = {"x": {"type": "enum", "values": values, "active": False}}
    assert sound("my-e", copy.deepcopy(JOB) | {"params": params})["params"] == params


def test_numbers_of_a_shell_are_whole_again() -> None:
    job = sound("e", copy.deepcopy(JOB) | {"id": 2.0, "attempt": None, "lost": 1.0})
    assert [(type(job[key]), job[key]) for key in ("id", "attempt", "lost")] == [
        (int, 2),
        (int, 0),
        (int, 1),
    ]


@given(st.sampled_from([*JOB, "measurements", "other"]), ODD)
def test_any_value_of_any_field_is_a_fault_or_can_be_used(field: str, value: Any) -> None:
    try:
        job = sound("e", copy.deepcopy(JOB) | {field: value})
    except DatabaseError as error:
        text = str(error)
    else:
        can_be_used(job)
        return
    assert f": {field}: got " in text
    assert text.isprintable()


def can_be_used(job: dict[str, Any]) -> None:
    resources = (Resource("Main", max_finished_jobs=5),)
    lifecycle.startable([job], resources, 5)
    lifecycle.done([job], resources, 5)
    lifecycle.after_loss(job, "lost")
    lifecycle.may_adopt(job, 1e9, 60.0, alive=None)
    progress = Progress(TASKS, io.StringIO())
    try:
        observe(TASKS, SPACE, [job])
    except UserError:
        return  # a point of another space: the search refuses it in a line of its own
    progress.suggested(job, [job], again=False)
    if job["status"] in lifecycle.FINISHED and isinstance(job["values"], dict):
        progress.finished(job, Path("out"))
