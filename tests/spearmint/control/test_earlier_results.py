"""Results of other experiments inform the models, and are nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spearmint.config import Task
from spearmint.control.earlier_results import load
from spearmint.errors import UserError
from spearmint.optimiser.observations import observe

TASKS = {"cost": {"type": "OBJECTIVE"}, "room": {"type": "CONSTRAINT"}}
LINE = {"x": {"type": "FLOAT", "min": 0, "max": 1}}


def point(x: float) -> dict[str, Any]:
    return {"x": {"type": "float", "values": [x]}}


def entry(x: float, cost: float | None, room: float | None = 1.0) -> dict[str, Any]:
    return {"from": "run-1", "params": point(x), "values": {"cost": cost, "room": room}}


def job(number: int, x: float, cost: float) -> dict[str, Any]:
    values = {"cost": cost, "room": 1.0}
    return {"id": number, "status": "complete", "params": point(x), "values": values}


@pytest.fixture
def one(bench: Any, tmp_path: Path) -> Any:
    file = tmp_path / "earlier.json"
    grid = np.linspace(0, 1.2, 13).tolist()
    file.write_text(json.dumps([entry(x, 100 * (x - 0.7) ** 2) for x in grid] + [entry(0.2, None)]))
    more = {"chooser": "default_chooser", "earlier-results": str(file)}
    return bench(variables=LINE, tasks=TASKS, **more)


def test_the_first_suggestions_use_them(one: Any) -> None:
    suggestions = one.suggestions
    suggestions.begin([])
    assert "14 earlier results from other experiments: the model uses them" in one.text
    jobs: list[Any] = []
    for number in (1, 2, 3):
        x = suggestions.suggest(jobs)["x"]["values"][0]
        jobs.append(job(number, x, 100 * (x - 0.7) ** 2))
    assert min(abs(done["params"]["x"]["values"][0] - 0.7) for done in jobs) < 0.05


def test_they_are_not_the_best_and_not_tried(one: Any) -> None:
    suggestions = one.suggestions
    suggestions.begin([])
    assert suggestions.best([]) is None
    own = [job(1, 0.1, 36.0)]
    assert 0 <= suggestions.best(own).params["x"]["values"][0] <= 1
    known = observe(one.config.tasks, one.chooser.space, [*suggestions._earlier, *own])
    assert known.count == 15
    assert known.tried[:, 0].tolist() == pytest.approx([0.1])
    assert known.inside.tolist() == [False] * 14 + [True]
    assert np.isnan(known.failed[13]), "an unknown value is no failure"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "is not JSON"),
        ("{}", r"got {}; expected a list of objects"),
        ("[3]", r"got \[3\]; expected a list of objects"),
        ([{"params": {}}], r"\[0\]: got .*; expected a list of objects"),
        ([entry(0.5, 1), entry(0.5, "1")], r"\[1\]: values: .*; expected a number or null for"),
        ([entry(0.5, 1) | {"values": {"cost": 1}}], "for each of cost, room"),
        ([entry(0.5, 1) | {"params": {"y": 1}}], r"params: got \['y'\]; config.json has \['x'\]"),
        ([entry("a", 1)], r"\[0\]"),
    ],
)
def test_faults_are_one_line(bench: Any, tmp_path: Path, content: Any, why: str) -> None:
    file = tmp_path / "earlier.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    space = bench(variables=LINE, tasks=TASKS).chooser.space
    tasks = [Task("cost", objective=True), Task("room", objective=False)]
    with pytest.raises(UserError, match=why) as caught:
        load(file, space, tasks)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(bench: Any, tmp_path: Path) -> None:
    one = bench(variables=LINE, tasks=TASKS, **{"earlier-results": "none.json"})
    with pytest.raises(UserError, match=r"none\.json: No such file"):
        one.suggestions.begin([])
