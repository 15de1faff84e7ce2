"""A bound and a value as a constraint of the optimiser."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize(
    ("value", "kept"), [(0.91, True), (0.9, True), (0.89, False), (math.nan, False), (None, False)]
)
def test_a_bound_that_must_be_reached(value, kept):
    bound = budget.AtLeast(0.9)
    assert budget.met(budget.margin(bound, value)) is kept
    assert (
        budget.all_met({"val_recall": budget.margin(bound, value)}, {"val_recall": bound}) is kept
    )


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.booleans())
def test_a_margin_gives_back_the_measured_value_of_any_bound(limit, value, lower):
    bound = budget.AtLeast(limit) if lower else limit
    assert budget.measured(bound, budget.margin(bound, value)) == pytest.approx(value, abs=1e-6)
    assert budget.from_json(json.loads(json.dumps(budget.to_json(bound)))) == bound


@pytest.mark.parametrize(
    "entry", ["0.9", "<= 3", ">= x", ">= nan", ">= inf", ">=", "", None, True, [1], math.nan]
)
def test_what_is_no_bound(entry):
    with pytest.raises(ValueError, match=r".*"):
        budget.from_json(entry)


@pytest.mark.parametrize(
    ("bound", "value", "share"),
    [
        (2.0, 3.0, 0.5),
        (2.0, 1.0, -0.5),
        (budget.AtLeast(2.0), 1.0, 0.5),
        (-2.0, -1.0, 0.5),
        (0.0, 3.0, 3.0),
    ],
)
def test_the_excess_is_a_share_of_the_bound(bound, value, share):
    assert budget.excess(bound, value) == share


def test_an_objective_of_which_more_is_better_is_negated():
    assert budget.minimised(0.93, maximize=True) == -0.93
    assert budget.minimised(budget.minimised(0.93, maximize=True), maximize=True) == 0.93
    assert budget.minimised(3.0, maximize=False) == 3.0
