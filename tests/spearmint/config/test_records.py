"""Whether a constraint is met, and how faults are printed."""

from __future__ import annotations

from math import inf, nan

import pytest

from spearmint.config.records import OUTCOMES, ConfigError, Task


@pytest.mark.parametrize("value", [0.0, -0.0, 1e-300, inf])
def test_a_constraint_is_met_from_zero(value: float) -> None:
    assert Task("c", objective=False).met(value)


@pytest.mark.parametrize("value", [-1e-300, -inf, nan])
def test_a_constraint_is_not_met_below_zero(value: float) -> None:
    assert not Task("c", objective=False).met(value)


@pytest.mark.parametrize("likelihood", OUTCOMES)
def test_an_outcome_meets_a_constraint_if_it_is_one(likelihood: str) -> None:
    task = Task("c", objective=False, likelihood=likelihood)
    assert [task.met(value) for value in (1.0, 0.0, -1.0, nan)] == [True, False, False, False]


def test_every_number_meets_an_objective() -> None:
    task = Task("f", objective=True)
    assert [task.met(value) for value in (-5.0, inf, nan)] == [True, True, False]


def test_warnings_are_printed_before_faults() -> None:
    error = ConfigError(["f: a: got 1; expected 2"], ["f: b: unknown key, ignored"])
    assert str(error).splitlines() == [
        "warning: f: b: unknown key, ignored",
        "f: a: got 1; expected 2",
    ]
    assert error.faults == ["f: a: got 1; expected 2"]
