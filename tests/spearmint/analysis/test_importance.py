"""Sobol indices of functions whose indices are known."""

from __future__ import annotations

import pytest

from spearmint.analysis import analyse
from tests.spearmint.analysis.searches import problem


def test_indices_of_a_linear_function(found):
    # var(3a) : var(b) = 9 : 1
    indices = found["f"]["importance"]
    for name, share in {"a": 0.9, "b": 0.1, "unused": 0.0, "kind": 0.0}.items():
        for which in ("first", "total"):
            low, estimate, high = indices[name][which]
            assert low <= estimate <= high
            assert estimate == pytest.approx(share, abs=0.06), (name, which)


def test_indices_of_a_choice(found):
    # var(b) = 1/12; var of 0 or 1.5 = 0.5625
    indices = found["c"]["importance"]
    assert indices["kind"]["total"][1] == pytest.approx(0.871, abs=0.06)
    assert indices["b"]["total"][1] == pytest.approx(0.129, abs=0.06)


def test_a_variable_that_acts_together_with_another_one(jobs):
    # a b around their middles: no effect alone, all of it together
    together = [
        job
        | {
            "values": {
                "f": (job["params"]["a"]["values"][0] - 0.5)
                * (job["params"]["b"]["values"][0] - 0.5),
                "c": 1.0,
                "works": 1.0,
            }
        }
        for job in jobs
    ]
    a = analyse(problem(), together)["f"]["importance"]["a"]
    assert a["first"][1] < 0.3
    assert a["total"][1] > 0.7


def test_few_jobs_leave_indices_uncertain(jobs, found):
    def width(indices):
        return indices["a"]["total"][2] - indices["a"]["total"][0]

    few = analyse(problem(), jobs[:6])
    assert width(few["f"]["importance"]) > 3 * width(found["f"]["importance"])
