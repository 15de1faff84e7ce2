"""The conditional problem of the benchmark."""

from __future__ import annotations

from typing import Any

import pytest
from scipy.optimize import minimize

from benchmarks.optimiser import conditional
from spearmint import choosers

BEST: dict[str, Any] = {
    "rate": 1e-3, "optimizer": "adam", "momentum": 0.5,
    **{f"dropout_{i + 1}": d for i, d in enumerate(conditional.DROPOUTS)},
    **{f"activation_{i}": "relu" for i in (1, 2, 3)},
}  # fmt: skip


def test_the_optimum_is_that_of_a_relaxation_with_real_numbers() -> None:
    def error(logs: Any) -> float:
        return sum(conditional.of_units(i, 2.0**log) for i, log in enumerate(logs))

    def room(logs: Any) -> float:
        units = [2.0**log for log in logs]
        return conditional.BUDGET - conditional.parameters(units)

    least = []
    for layers in (1, 2, 3):
        start = [5.0] * layers
        found = minimize(error, start, constraints={"type": "ineq", "fun": room}, method="SLSQP")
        least.append(found.fun + conditional.SHALLOW[layers - 1])
    assert conditional.optimum() == pytest.approx(min(least) + 3.3, abs=2e-3)
    assert conditional.optimum() >= min(least) + 3.3 - 1e-6


def test_what_does_not_matter_changes_nothing() -> None:
    x = BEST | {"layers": 1, "units_1": 100}
    changed = x | {"momentum": 0.1, "units_2": 9, "dropout_3": 0.6}
    assert conditional.evaluate(x) == conditional.evaluate(changed)
    assert conditional.evaluate(x)[1] == 65 * 100 + 101 * 10


def test_regrets_fall_and_end_above_the_optimum() -> None:
    points = conditional.PEERS["random"](1, 60)
    found = conditional.regrets(points)
    assert found == sorted(found, reverse=True)
    assert 0 < found[-1] < 10


def test_both_spaces_are_valid_and_differ_only_in_conditions() -> None:
    with_when, without = (conditional.variables(conditions=c) for c in (True, False))
    assert list(with_when) == list(without)
    assert sum("when" in variable for variable in with_when.values()) == 7
    assert not any("when" in variable for variable in without.values())
    for variables in (with_when, without):
        assert choosers.create({"variables": variables}, 0).warnings == ()
