"""The table of networks is complete and says what a table of networks should."""

from __future__ import annotations

import itertools

import numpy as np

from benchmarks.optimiser.problems import digits, load


def test_every_combination_of_the_space_has_a_row():
    choices = [
        spec.get("options") or range(spec["min"], spec["max"] + 1)
        for spec in digits.VARIABLES.values()
    ]
    assert set(digits.rows()) == set(itertools.product(*choices))
    assert len(digits.rows()) >= 600


def test_errors_are_shares_of_the_400_validation_images():
    errors = np.array([row["error"] for row in digits.rows().values()])
    assert np.all((errors >= 0) & (errors <= 100))
    assert np.allclose(errors * 4, np.round(errors * 4))


def test_parameters_are_those_of_the_template():
    for (blocks, features, kernel, _, units, _), row in digits.rows().items():
        channels, before, params = 4 * 2**features, 1, 0
        for _ in range(blocks):
            params += (kernel**2 * before + 1) * channels
            before, channels = channels, 2 * channels
        inputs = before * (8 // 2**blocks) ** 2
        params += (inputs + 1) * 4**units + (4**units + 1) * 10
        assert row["params"] == params


def test_about_a_third_of_the_networks_meet_both_budgets():
    problem = load("digits")
    share = np.mean([problem.feasible(problem.tasks_of(where)) for where in digits.rows()])
    assert 0.25 < share < 0.45


def test_the_best_value_is_the_lowest_feasible_error_of_the_table():
    problem = load("digits")
    truths = [problem.tasks_of(where) for where in digits.rows()]
    lowest = min(t["objective"] for t in truths if problem.feasible(t))
    assert problem.best == lowest
