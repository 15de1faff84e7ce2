"""A bound and a value as a constraint of the optimiser."""

from __future__ import annotations

import math

import pytest

from hwsearch import budget


@pytest.mark.parametrize(
    ("value", "kept"), [(1.9, True), (2.0, True), (2.1, False), (math.nan, False), (None, False)]
)
def test_a_constraint_is_met_if_the_value_does_not_exceed_the_bound(value, kept):
    assert budget.met(budget.margin(2.0, value)) is kept
    assert budget.all_met({"power": budget.margin(2.0, value)}, {"power": 2.0}) is kept


def test_a_margin_gives_back_the_measured_value():
    assert budget.measured(2.0, budget.margin(2.0, 0.5)) == 0.5


def test_a_missing_value_meets_no_budget():
    assert not budget.all_met({"error": 1.0}, {"power": 2.0})
    assert budget.all_met({"error": 1.0}, {})


def test_only_a_budget_that_is_known_to_be_exceeded_is_broken():
    bounds = {"power": 2.0, "memory": 1.0, "error": 5.0}
    assert budget.broken({"power": 2.5, "memory": 1.0}, bounds) == [("power", 2.5, 2.0)]


@pytest.mark.parametrize(
    ("value", "std_error", "expected"),
    [
        (1.0, 0.4, False),
        (1.0, 0.5, True),
        (3.0, 0.6, True),
        (2.0, 0.0, True),
        (1.0, math.nan, True),
    ],
)
def test_within_two_standard_errors_is_uncertain(value, std_error, expected):
    assert budget.uncertain(value, std_error, 2.0) is expected
