"""Where jobs run: the schedulers that a run uses."""

from __future__ import annotations

import pytest

from hwsearch.experiment import placement
from hwsearch.experiment.placement import schedulers


def test_schedulers_of_a_run() -> None:
    assert schedulers("local", None) == {"local"}
    assert schedulers("slurm", None) == {"SLURM"}
    assert schedulers("local", {"a": {"scheduler": "SGE"}, "b": {}}) == {"SGE", "local"}
    assert schedulers("local", {"a": {"scheduler": None}}) == {"local"}
    assert schedulers("local", {"a": {"scheduler": "LOCAL"}, "b": {"scheduler": "Slurm"}}) == {
        "local",
        "SLURM",
    }


@pytest.mark.parametrize("value", [{}, [], {"a": 1}, None, "a.json"])
def test_values_that_are_not_resources(value: object) -> None:
    assert not placement.RESOURCES.accepts(value)


@pytest.mark.parametrize(
    ("text", "valid"),
    [("--mem=8G", True), ("-l 'a b'", True), ("", False), ("'", False), ("a\nb", False)],
)
def test_arguments(text: str, valid: bool) -> None:
    assert placement.ARGUMENTS.accepts(text) == valid
