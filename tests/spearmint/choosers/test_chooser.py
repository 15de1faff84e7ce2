"""Arguments of choosers."""

from __future__ import annotations

import pytest

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
