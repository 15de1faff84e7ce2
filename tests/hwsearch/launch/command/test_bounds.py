"""Bounds: their units, directions and percentages, and one line for every fault."""

from __future__ import annotations

import math

import pytest

from hwsearch.budget import AtLeast, Bound
from hwsearch.launch.command import bounds


def fault_of(name: str, text: str) -> str:
    found, shares, (fault,) = bounds.read([name], [text])
    assert not found
    assert not shares
    return fault


@pytest.mark.parametrize("text", ["0", "-5", "nan", "inf", "1e999", "abc", "", "1_0", "0%", "100%", "x%", "٣"])  # fmt: skip  # noqa: E501
def test_texts_that_are_not_bounds(text: str) -> None:
    fault = fault_of("power", text)
    assert fault.startswith(f"--constraint_val: got {text!r} for power; expected a ")


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("val_accuracy", ">= 90", "between 0 and 1"),
        ("val_auc", "-0.5", "between 0 and 1"),
        ("val_r2_score", ">= 1.5", "at most 1"),
    ],
)
def test_bounds_that_no_value_can_meet(name: str, text: str, where: str) -> None:
    assert fault_of(name, text) == (
        f"--constraint_val: got {text!r} for {name}; expected a bound that can be met: "
        f"{name} is {where}"
    )


@pytest.mark.parametrize(
    ("name", "text", "bound"),
    [
        ("power", "85W", 85.0),
        ("power", "<= 85", 85.0),
        ("runtime", "5ms", 0.005),
        ("params", ">= 1k", AtLeast(1000.0)),
        ("params", ">=1000", AtLeast(1000.0)),
        ("val_recall", ">= 0.9", AtLeast(0.9)),
        ("val_recall", ">= 1", AtLeast(1.0)),
        ("val_my_recall", ">= 90", AtLeast(90.0)),
        ("val_loss", "-0.5", -0.5),
        ("val_r2_score", ">= 0", AtLeast(0.0)),
        ("training_time", "10min", 600.0),
    ],
)
def test_bounds_have_units_and_directions(name: str, text: str, bound: Bound) -> None:
    assert bounds.read([name], [text]) == ({name: bound}, {}, [])


def test_a_share_of_networks_that_reach_a_bound() -> None:
    found, shares, faults = bounds.read(["params", "power"], [">= 33%", "85"])
    assert shares == {"params": 33.0}
    assert isinstance(found["params"], AtLeast)
    assert math.isnan(found["params"].value)
    assert found["power"] == 85.0
    assert not faults


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("power", "5ms", "a number above 0 (in W, or with W, mW or kW), or a percentage such as"),
        ("runtime", "5W", "a number above 0 (in s/image, or with s, ms, µs or ns), or a percent"),
        ("val_recall", "90%", "a number: the val_recall of random networks is unknown before"),
        ("val_recall", "high", "a number"),
        ("power", "> 5", "a number above 0"),
        ("training_time", "-1s", "a number above 0 (in s, or with s, min, h or d)"),
        ("error", "101", "a number above 0, at most 100 (in %)"),
        (
            "error",
            "33%",
            "a number (in %): the error of random networks is unknown before training",
        ),
    ],
)
def test_what_a_bound_must_look_like(name: str, text: str, expected: str) -> None:
    fault = fault_of(name, text)
    assert fault.startswith(f"--constraint_val: got {text!r} for {name}; expected {expected}")


def test_every_fault_has_a_line() -> None:
    names = ["power", "power", "watts", "watts"]
    _, _, faults = bounds.read(names, ["1"])
    assert [fault[:30] for fault in faults] == [
        "--constraint: got 4 (power, po",
        "--constraint: got 'power' 2 ti",
        "--constraint: got 'watts'; exp",
    ]
    _, _, faults = bounds.read(["power", "runtime"], ["x", "0"])
    assert [fault[:24] for fault in faults] == [
        "--constraint_val: got 'x",
        "--constraint_val: got '0",
    ]


def test_budgets_of_a_sweep_are_numbers() -> None:
    _, faults = bounds.read_sweep("runtime", "5x,3us,20%")
    assert faults == [
        "--sweep: got '5x' for runtime; expected a number above 0 (in s/image, or with s, ms, µs "
        "or ns)",
        "--sweep: got '20%' for runtime; expected a number: only --constraint_val accepts "
        "percentages",
    ]


def test_a_note_says_that_a_lower_bound_may_be_meant() -> None:
    found = {"val_auc": 0.9, "val_recall": AtLeast(0.9), "val_dice": 0.9, "error": 5.0}
    (note,) = bounds.notes(found)
    assert note == (
        "note: --constraint_val: val_auc must be below 0.9, but a higher val_auc is better; "
        '">= 0.9" requires at least 0.9'
    )
