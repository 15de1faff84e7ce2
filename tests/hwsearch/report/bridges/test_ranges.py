"""Ranges in the script's values."""

from __future__ import annotations

from typing import Any

import pytest

from hwsearch.experiment import Settings
from hwsearch.report.bridges.ranges import Range, ranges
from hwsearch.report.run_table import RunTable
from hwsearch.template import Template


def found(declared: str | None, *tried: Any) -> Range:
    """The range of x, declared so, with networks that had these values."""
    text = f'x = HYPERPARAM{{"token": "x", {declared}}}\n'
    template = Template.parse(text) if declared else None
    jobs = [
        {"id": n, "status": "complete", "measurements": {"hyperparameters": {"x": value}}}
        for n, value in enumerate(tried, start=1)
    ]
    return ranges(RunTable.of_run(Settings("run", "error"), jobs), template)["x"]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ('"type": "INT", "min": 1, "max": 5', Range((), 1, 5)),
        ('"type": "INT", "min": 8, "max": 64, "log": true', Range((), 8, 64, log=True)),
        ('"type": "INT", "min": 2, "max": 9, "step": 3', Range((), 2, 9, 3)),
        ('"type": "INT", "min": 1, "max": 4, "transform": "X8"', Range((), 8, 32, 8)),
        ('"type": "INT", "min": 1, "max": 4, "transform": "X-8"', Range((), -32, -8, 8)),
        ('"type": "INT", "min": 1, "max": 3, "transform": "X0.1"', Range((), 0.1, 0.3, 0.1)),
        ('"type": "INT", "min": 4, "max": 9, "transform": "LOG2"', Range((), 16, 512, log=True)),
        (
            '"type": "INT", "min": 1, "max": 3, "transform": "NEGEXP10"',
            Range((), 0.001, 0.1, log=True),
        ),
        ('"type": "FLOAT", "min": 0, "max": 1', Range((), 0.0, 1.0)),
        ('"type": "FLOAT", "min": 0.1, "max": 1, "transform": "X2"', Range((), 0.2, 2.0)),
        ('"type": "ENUM", "options": ["a", 3, null]', Range(("a", 3, None))),
        ('"type": "ENUM", "options": [[3, 3], {"name": "a.b"}]', Range(("[3, 3]", "a.b"))),
        ('"type": "ENUM", "options": [true, 1]', Range(("True", "1"))),
    ],
)
def test_ranges_of_a_template(declared: str, expected: Range) -> None:
    assert found(declared) == expected


@pytest.mark.parametrize(
    ("declared", "tried", "expected"),
    [
        ('"type": "INT", "min": 1, "max": 5', [9, 2], Range((), 1, 9)),
        ('"type": "INT", "min": 2, "max": 8, "step": 3', [11], Range((), 2, 11, 3)),
        ('"type": "INT", "min": 2, "max": 8, "step": 3', [3], Range((), 2, 8)),
        ('"type": "FLOAT", "min": 0, "max": 1, "step": 0.1', [0.3, 0.7], Range((), 0.0, 1.0, 0.1)),
        ('"type": "ENUM", "options": ["a", "b"]', ["c"], Range(("a", "b", "c"))),
        (None, [3, 9], Range((), 3, 9)),
        (None, [3, "a"], Range((3, "a"))),
        (None, [0.5], Range((), 0.5, 0.5)),
    ],
)
def test_ranges_hold_all_values_that_were_tried(
    declared: str | None, tried: list[Any], expected: Range
) -> None:
    assert found(declared, *tried) == expected


def test_values_in_a_range() -> None:
    texts = found('"type": "ENUM", "options": [true, 1]')
    assert (texts.value(True), texts.value(1)) == ("True", "1")
    lists = found('"type": "ENUM", "options": [[3, 3], "a"]')
    assert (lists.value([3, 3]), lists.value("a")) == ("[3, 3]", "a")
    assert found('"type": "INT", "min": 1, "max": 5').value(3) == 3
