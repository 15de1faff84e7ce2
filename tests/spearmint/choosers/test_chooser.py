"""Arguments of choosers, and the points that come first."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spearmint.choosers import available, create
from spearmint.choosers.chooser import Argument, read_arguments
from spearmint.config.reader import Faults

TABLE = {
    "count": Argument(4, 1, 9),
    "share": Argument(0.5),
    "careful": Argument(False),
    "rule-of-thumb": Argument("low", choices=("low", "high")),
}
DEFAULTS = {"count": 4, "share": 0.5, "careful": False, "rule-of-thumb": "low"}


def test_defaults():
    faults = Faults("file")
    assert read_arguments(TABLE, {}, faults) == DEFAULTS
    assert (faults.faults, faults.warnings) == ([], [])


def test_values_arrive_and_hyphens_are_underscores():
    faults = Faults("file")
    given = {"count": 9.0, "share": 1, "careful": True, "rule_of_thumb": "HIGH"}
    found = read_arguments(TABLE, given, faults)
    assert found == {"count": 9, "share": 1.0, "careful": True, "rule-of-thumb": "high"}
    assert [type(value) for value in found.values()] == [int, float, bool, str]
    assert (faults.faults, faults.warnings) == ([], [])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"count": 0}, "count: got 0; expected a whole number from 1 to 9"),
        ({"share": 1.5}, "share: got 1.5; expected a number from 0 to 1"),
        ({"careful": 1}, "careful: got 1; expected true or false"),
        ({"rule-of-thumb": "mid"}, 'rule-of-thumb: got "mid"; expected one of low, high'),
    ],
)
def test_a_wrong_value_is_one_line(given, expected):
    faults = Faults("file")
    assert read_arguments(TABLE, given, faults) == DEFAULTS
    assert faults.faults == [f"file: chooser-args.{expected}"]


def test_an_unknown_argument_is_a_warning():
    faults = Faults("file")
    assert read_arguments({}, {"parallel-opt": True}, faults) == {}
    assert faults.warnings == [
        "file: chooser-args.parallel-opt: unknown key, ignored; known keys: none"
    ]


CONDITIONAL = {
    "variables": {
        "layers": {"type": "INT", "min": 1, "max": 2, "default": 2},
        "units": {"type": "INT", "min": 8, "max": 64, "step": 8, "default": 24},
        "units_2": {"type": "INT", "min": 1, "max": 64, "log": True, "when": {"layers": 2}},
        "rate": {"type": "FLOAT", "min": 1e-5, "max": 0.1, "log": True, "default": 0.003},
        "widths": {"type": "ENUM", "options": [None, [64], [64, 32], {"name": "a.b"}]},
    },
    "first-points": [{"layers": 1, "units_2": 5}, {"layers": 1, "units_2": 6}, {"rate": 0.003}],
}


@pytest.mark.parametrize("name", available())
def test_first_points_come_first_and_once(name: str) -> None:
    chooser = create(CONDITIONAL | {"chooser": name}, seed=0)
    jobs: list[dict[str, Any]] = []
    for number in range(1, 12):
        params = chooser.suggest(jobs)
        jobs.append({"id": number, "params": params, "status": "complete", "values": number})
    shown = [{name: param["values"][0] for name, param in job["params"].items()} for job in jobs]
    # The value of units_2 does not matter in the second point, so the third is the same.
    start = {"layers": 2, "units": 24, "units_2": 8, "rate": 0.003, "widths": None}
    assert shown[:2] == [start, start | {"layers": 1}]
    assert shown[2]["units"] != 24 or shown[2]["rate"] != 0.003
    for job in jobs:
        assert ("active" in job["params"]["units_2"]) == (job["params"]["layers"]["values"] == [1])
    keys = {json.dumps(job["params"], sort_keys=True) for job in jobs}
    assert len(keys) == len(jobs)


def test_a_first_point_outside_what_jobs_had_is_next() -> None:
    before = {"variables": {"x": {"type": "INT", "min": 1, "max": 5, "default": 2}}}
    job = {"id": 1, "params": create(before, 0).suggest([]), "status": "complete", "values": 1.0}
    assert job["params"] == {"x": {"type": "int", "values": [2]}}
    wider = before["variables"]["x"] | {"max": 50}
    chooser = create({"variables": {"x": wider}, "first-points": [{"x": 40}]}, 0)
    assert chooser.suggest([job]) == {"x": {"type": "int", "values": [40]}}


def test_the_point_of_the_defaults_is_not_tried_again_if_a_range_changes() -> None:
    variables = {
        "x": {"type": "INT", "min": 1, "max": 5, "default": 2},
        "y": {"type": "INT", "min": 1, "max": 5},
    }
    params = create({"variables": variables}, 0).suggest([])
    assert [param["values"] for param in params.values()] == [[2], [3]]
    job = {"id": 1, "params": params, "status": "complete", "values": 1.0}
    variables["y"]["max"] = 50
    following = create({"variables": variables}, 0).suggest([job])
    assert following["y"]["values"] != [26] or following["x"]["values"] != [2]
