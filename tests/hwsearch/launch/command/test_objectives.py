from __future__ import annotations

import pytest

from hwsearch.launch.command import objectives


def test_the_first_is_the_objective_and_the_others_have_directions():
    given, faults = objectives.read({"optimize": ("error", "val_auc", "power")}, resume=False)
    assert faults == []
    assert given == {
        "optimize": "error",
        "further_objectives": {"val_auc": True, "power": False},
    }


def test_directions_of_unknown_metrics_come_from_their_flags():
    named = {"maximize": ("val_dice",), "minimize": ("runtime",)}
    given, faults = objectives.read(named, resume=False)
    assert faults == []
    assert given == {
        "optimize": "val_dice",
        "maximize": True,
        "further_objectives": {"runtime": False},
    }


def test_one_objective_is_what_it_was_before():
    assert objectives.read({"optimize": ("error",)}, resume=False) == ({"optimize": "error"}, [])
    assert objectives.read({}, resume=False) == ({}, [])


@pytest.mark.parametrize(
    ("named", "fault"),
    [
        ({"optimize": ("error", "pwer")}, "--optimize: got 'pwer'; expected one of error, power"),
        ({"optimize": ("error", "")}, "--optimize: got ''; expected one of error, power"),
        ({"minimize": ("error", "error")}, "--minimize: got 'error' a second time; expected each"),
        (
            {"optimize": ("error", "power", "macs"), "maximize": ("val_auc",)},
            "--optimize: got 4 metrics (error, power, macs, val_auc); expected at most 3",
        ),
        (
            {"optimize": ("error", "val_dice")},
            "--optimize: got 'val_dice', of which the tool does not know whether more is better",
        ),
    ],
)
def test_faults(named, fault):
    given, faults = objectives.read(named, resume=False)
    assert given == {}
    assert faults[0].startswith(fault)
    assert objectives.read(named, resume=True)[1] == faults
